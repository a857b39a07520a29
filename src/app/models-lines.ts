// What is said of the rules of a deployment, as lines for people.
import type { ChangedFile } from '../model/rules-diff.js';
import type { ModelsView } from './models-side.js';

const SIGNS = { new: '+', changed: '~', removed: '-' } as const;
const NAMED = 20;

export function statusLines({
  running,
  announced,
  at,
  waiting,
  unprimed,
}: Omit<ModelsView, 'changes'>): string[] {
  return [
    `running    ${running}`,
    ...(at === null ? [] : [`announced  ${announced}, in force from ${at}`]),
    ...(waiting ? ['a change waits for a process that takes events'] : []),
    ...(unprimed > 0 ? [`history is being read for ${unprimed} partitions`] : []),
  ];
}

/** Newest first, with the models that each changed. */
export function historyLines(changes: ModelsView['changes']): string[] {
  return [...changes]
    .reverse()
    .flatMap(({ revision, at, asked, by, way, note, models, catalogue, former }) => [
      `${revision}  ${at ?? `asked for ${asked}, not announced`}  ${way}  ${by}${note === null ? '' : `  ${note}`}`,
      // All of the first rules are new.
      ...(former === null
        ? [`  ${models.length} models`]
        : [...changedLines(models), ...changedLines(catalogue)]),
    ]);
}

/** Each changed model or file in a line, with its hashes. */
export function changedLines(changed: readonly ChangedFile[]): string[] {
  const lines = changed.slice(0, NAMED).map(({ name, change, hash, former }) => {
    const hashes = [former, hash].filter((one) => one !== null).join(' -> ');
    return `  ${SIGNS[change]} ${name}  ${hashes}`;
  });
  return changed.length > NAMED ? [...lines, `  and ${changed.length - NAMED} more`] : lines;
}
