// npm run demo:prtr -- FOLDER: the PRTR penalties from the downloaded tables to the departments' inboxes.
import { runDemo } from './demo.js';

const HELP = `usage: npm run demo:prtr -- FOLDER

FOLDER holds two tables, each as .csv or .csv.gz:
  facilities  the registry of regulated facilities in Taiwan
  penalties   the administrative penalties against them, 2011-03-01 to 2013-12-31
They were collected from https://github.com/kiang/prtr.epa.gov.tw (CC0-1.0);
infra/mappings/README.md lists their columns.`;

await runDemo({
  name: 'prtr',
  tables: [
    { name: 'facilities', mapping: 'prtr-facilities.yaml' },
    { name: 'penalties', mapping: 'prtr-penalties.yaml' },
  ],
  help: HELP,
});
