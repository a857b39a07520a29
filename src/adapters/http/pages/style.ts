// The style sheet of the pages: one for phones that grows with the screen, without pictures, fonts or scripts.
import { createHash } from 'node:crypto';

export const STYLE = `
:root { color-scheme: light dark; --line: #8885; --soft: #8881; --red: #c62828; --orange: #c75300; --yellow: #8a6d00; --blue: #1565c0; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 0 1rem 3rem; font: 1rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; border-bottom: 1px solid var(--line); padding: .75rem 0; }
nav.row { gap: .5rem 1rem; }
header form, .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 1rem 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
p { margin: .4rem 0; }
ul.cards { list-style: none; margin: 1rem 0; padding: 0; }
ul.cards > li { border: 1px solid var(--line); border-left-width: .4rem; border-radius: .4rem; margin: .6rem 0; padding: .5rem .8rem; }
ul.cards a { text-decoration: none; font-weight: 600; }
li.red.red { border-left-color: var(--red); } li.orange.orange { border-left-color: var(--orange); } li.yellow.yellow { border-left-color: var(--yellow); } li.blue.blue { border-left-color: var(--blue); }
.badge { display: inline-block; padding: 0 .5rem; border-radius: .3rem; color: #fff; background: #666; font-size: .9rem; white-space: nowrap; }
.badge.red { background: var(--red); } .badge.orange { background: var(--orange); } .badge.yellow { background: var(--yellow); } .badge.blue { background: var(--blue); }
.overdue, .error { color: var(--red); font-weight: 700; }
.overdue { white-space: nowrap; }
@media (prefers-color-scheme: dark) { .overdue, .error { color: #ff8a80; } }
.error, .note { border: 1px solid; border-radius: .4rem; padding: .5rem .8rem; }
.faint { opacity: .75; font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; }
table.wide { min-width: 36rem; }
td.time, th { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
details.act { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .3rem .8rem; }
details.act > summary { font-weight: 600; cursor: pointer; padding: .3rem 0; }
label { display: block; margin: .6rem 0; }
label.choice { display: inline-block; margin: .2rem 1rem .2rem 0; }
fieldset { border: 1px solid var(--line); border-radius: .4rem; }
textarea, select, input:not([type=checkbox]) { display: block; width: 100%; font: inherit; padding: .4rem; }
.row select { width: auto; max-width: 100%; }
button { font: inherit; padding: .45rem 1.2rem; border-radius: .4rem; border: 1px solid var(--line); cursor: pointer; }
button.main { background: var(--blue); color: #fff; border-color: var(--blue); }
ol.line { list-style: none; padding-left: 1rem; border-left: 2px solid var(--line); }
ol.line > li { margin: .6rem 0; }
code { font-size: .85rem; }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: .2rem .8rem; margin: .4rem 0; }
dt { opacity: .75; } dd { margin: 0; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Headers of a page. No script runs at all; the one style sheet is known by its hash. The referrer stays, since
 * browsers would send forms with `Origin: null` without one (Fetch, "append a request Origin header").
 */
export const PAGE_HEADERS = {
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; ` +
    `frame-ancestors 'none'`,
  'referrer-policy': 'same-origin',
} as const;
