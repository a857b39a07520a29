// The file of channels, channels.yaml: which ways to departments and which holders of seals there are, checked, opened.
import { isRange } from '../adapters/outbound/address.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Fault } from '../catalogue/fault.js';
import { readFile, type ParsedFile } from '../model/report.js';
import type { Channel } from '../ports/channel.js';
import type { SealHolder } from '../ports/seal-holder.js';
import { KINDS, type CheckedChannel } from './channel-kinds.js';
import type { Channels } from './delivering.js';
import { InvalidFiles } from './invalid-files.js';
import { codeOf, settingsText, withoutValue } from './settings-file.js';
import { checkHolder, type CheckedHolder } from './seal-webhooks.js';

const CHANNELS_MAX = 100;
const HOLDERS_MAX = 10;
const KEYS = ['channels', 'link', 'seals'];
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** What stands for the id of a warning in `link`. */
const LINK_PLACE = '{warning}';
const LINK_FORM = `an https or http address in which ${LINK_PLACE} stands for the id of the warning`;

const FILE = {
  of: 'channels',
  unknownKey: 'CHANNELS_UNKNOWN_KEY',
  missingKey: 'CHANNELS_MISSING_KEY',
  value: 'CHANNELS_VALUE',
} as const;

/** What the file names, opened. */
export interface OpenedFile extends Channels {
  /** Who gets the seals of the evidence, besides a file of seals. */
  readonly holders: readonly SealHolder[];
}

/**
 * Reads a file of channels and opens what it names.
 * @param path undefined where there is none: the inbox files are the only way then
 * @param departments ids that the catalogue knows
 * @param now epoch ms
 * @throws CodedError FILE_READ, CHANNEL_SECRET; InvalidFiles where the file has faults, none of which shows a value
 */
export async function openChannels(
  path: string | undefined,
  departments: ReadonlySet<string>,
  now: () => number,
  publicUrl: string | null = null,
): Promise<OpenedFile> {
  const pages = (warning: string) => (publicUrl === null ? null : `${publicUrl}/warnings/${warning}`);
  if (path === undefined) return { list: [], holders: [], link: pages };
  const file = readFile(path, await settingsText(path, FILE));
  const { report } = file;
  const checked = report.failed ? null : checkFile(file, departments);
  // The lines are not shown either: somebody may have written a secret where a reference belongs.
  if (report.failed || checked === null) throw new InvalidFiles(report.diagnostics, () => '');
  const list: Channel[] = [];
  for (const [name, channel] of checked.channels) list.push(await channel.open(name, now));
  const holders: SealHolder[] = [];
  for (const [name, holder] of checked.holders) holders.push(await holder.open(name, now));
  const { link } = checked;
  return {
    list,
    holders,
    link: (warning) =>
      link === null ? pages(warning) : link.replace(LINK_PLACE, encodeURIComponent(warning)),
  };
}

/** Channels that the catalogue sends by and the file does not have: nothing reaches anybody by them. */
export function missingChannels({ departments, routes }: Catalogue, { list }: Channels): string[] {
  const { rules, fallback, backup } = routes;
  const targets = rules.flatMap(({ to }) => to.flatMap((one) => (typeof one === 'string' ? [] : [one])));
  const named = [...departments.values(), ...rules, ...targets, ...(fallback === null ? [] : [fallback])];
  const wanted = new Set([...named.flatMap(({ channels = [] }) => channels), ...backup.values()]);
  const known = new Set(['file', ...list.map(({ name }) => name)]);
  return [...wanted].filter((name) => !known.has(name)).sort();
}

interface CheckedFile {
  readonly channels: ReadonlyMap<string, CheckedChannel>;
  readonly holders: ReadonlyMap<string, CheckedHolder>;
  readonly link: string | null;
}

function checkFile({ report, root, content }: ParsedFile, departments: ReadonlySet<string>): CheckedFile {
  const add = (fault: Fault) => report.addFault(codeOf(FILE, fault), root, withoutValue(fault));
  const channels = new Map<string, CheckedChannel>();
  const given = isMap(content) ? content : {};
  for (const key of Object.keys(given)) {
    if (!KEYS.includes(key)) add(unknownKey([key], KEYS));
  }
  const holders = holdersOf(given['seals'], root, report);
  const named = given['channels'] ?? (given['seals'] === undefined ? undefined : {});
  if (!isMap(named) || Object.keys(named).length > CHANNELS_MAX) {
    add(value(named === undefined ? [] : ['channels'], `channels: a map of at most ${CHANNELS_MAX} by name`));
  }
  for (const [name, one] of Object.entries(isMap(named) ? named : {})) {
    const path = ['channels', name];
    if (!NAME.test(name) || name === 'file') {
      add({ ...value(path, 'a name of a-z, 0-9 and -, up to 32 characters, and not file'), on: 'key' });
    }
    const kind = isMap(one) ? one['kind'] : undefined;
    const check = typeof kind === 'string' ? KINDS.get(kind) : undefined;
    if (check === undefined) {
      add(
        value(kind === undefined ? path : [...path, 'kind'], `kind: one of ${[...KINDS.keys()].join(', ')}`),
      );
      continue;
    }
    const { channel, faults } = check(one);
    const placed = (faults ?? []).map((fault) => withoutValue({ ...fault, path: [...path, ...fault.path] }));
    report.addFaults((one) => codeOf(FILE, one), root, placed);
    if (channel === null) continue;
    for (const fault of faultsOf(channel, departments)) add({ ...fault, path: [...path, ...fault.path] });
    channels.set(name, channel);
  }
  const { link } = given;
  if (link !== undefined && !isLink(link)) add(value(['link'], LINK_FORM));
  return { channels, holders, link: typeof link === 'string' ? link : null };
}

/** The holders that the file names; what is wrong with them is added to its report. */
function holdersOf(
  named: unknown,
  root: ParsedFile['root'],
  report: ParsedFile['report'],
): Map<string, CheckedHolder> {
  const holders = new Map<string, CheckedHolder>();
  const add = (...faults: readonly Fault[]) => {
    report.addFaults((one) => codeOf(FILE, one), root, faults.map(withoutValue));
  };
  if (named === undefined) return holders;
  if (!isMap(named) || Object.keys(named).length > HOLDERS_MAX) {
    add(value(['seals'], `seals: a map of at most ${HOLDERS_MAX} holders by name`));
    return holders;
  }
  for (const [name, one] of Object.entries(named)) {
    const path = ['seals', name];
    if (!NAME.test(name)) add({ ...value(path, 'a name of a-z, 0-9 and -, up to 32 characters'), on: 'key' });
    const { holder, faults } = checkHolder(one);
    if (holder === null) {
      add(...faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] })));
      continue;
    }
    add(...rangeFaults(holder.allowAddresses, path));
    holders.set(name, holder);
  }
  return holders;
}

/** What the form alone does not say: departments of the catalogue, ranges that are ranges. */
function faultsOf(
  { departmentKey, departments: named, allowAddresses }: CheckedChannel,
  departments: ReadonlySet<string>,
): Fault[] {
  const unknown = named.filter((name) => name !== 'default' && !departments.has(name));
  return [
    ...unknown.map((name): Fault => {
      const among = [...departments, 'default'];
      const path = [departmentKey, name];
      const message = `no department "${name}" in the catalogue`;
      return { kind: 'UNKNOWN_NAME', severity: 'error', path, on: 'key', message, sought: { name, among } };
    }),
    ...rangeFaults(allowAddresses, []),
  ];
}

function rangeFaults(ranges: readonly string[], path: readonly string[]): Fault[] {
  const wanted = 'a range such as 10.20.0.0/16';
  return ranges.flatMap((range, index) =>
    isRange(range) ? [] : [value([...path, 'allow_addresses', index], wanted)],
  );
}

function value(path: Fault['path'], expected: string): Fault {
  const message = 'this does not fit here';
  return { kind: 'VALUE', severity: 'error', path, on: 'value', message, expected };
}

function unknownKey(path: readonly string[], among: readonly string[]): Fault {
  const name = path.at(-1) ?? '';
  const message = `unknown key "${name}"`;
  return { kind: 'UNKNOWN_KEY', severity: 'error', path, on: 'key', message, sought: { name, among } };
}

function isLink(link: unknown): link is string {
  if (typeof link !== 'string' || !link.includes(LINK_PLACE)) return false;
  const filled = link.replace(LINK_PLACE, 'w');
  return URL.canParse(filled) && /^https?:$/.test(new URL(filled).protocol) && !/[\s()<>[\]"']/.test(filled);
}

function isMap(content: unknown): content is Readonly<Record<string, unknown>> {
  return typeof content === 'object' && content !== null && !Array.isArray(content);
}
