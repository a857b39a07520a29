// What a model holds on a key, as bytes.
//
//   number in the names of the plan, flags u8 (3 bits rank shown, 8 episode, 16 quiet, 32 forwarded to, 64 due,
//   128 levels)
//   [episode: 2 x ordinal (+ 1 where the warning is 32 hex digits), warning as 16 bytes or as a string, raised
//    [count of keys forwarded to, each]]
//   [due]
//   [count of levels that are not idle, each: u8 (3 bits rank, 8 on, 16 elapsed, 32 running, 64 unknown)
//    [elapsed] [running since] [unknown since]]
//
// Instants count from the arrival of the last event that the record holds. Levels are named by their rank, so that a
// model that changed finds those that it still has.
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import type { Episode, KeyState, ModelState } from '../key-state.js';
import { isIdle, openLevel, type LevelState } from '../levels.js';
import { LEVELS, rank } from '../../model/model.js';
import type { ModelPlan } from '../plan.js';

const SHOWN = 7;
const EPISODE = 8;
const QUIET = 16;
const FORWARDED = 32;
const DUE = 64;
const LEVEL_STATES = 128;

const RANK = 7;
const ON = 8;
const ELAPSED = 16;
const RUNNING = 32;
const UNKNOWN = 64;

export function writeModel(writer: ByteWriter, model: ModelState, base: number): void {
  const { episode, due, levels } = model;
  const busy = levels === null ? 0 : busyLevels(levels);
  writer.whole(model.plan.index);
  writer.byte(
    model.shown |
      (episode === null ? 0 : EPISODE) |
      (episode?.quiet === true ? QUIET : 0) |
      (episode?.forwardedTo === undefined ? 0 : FORWARDED) |
      (due === Infinity ? 0 : DUE) |
      (busy === 0 ? 0 : LEVEL_STATES),
  );
  if (episode !== null) writeEpisode(writer, episode, base);
  if (due !== Infinity) writer.instant(due, base);
  if (levels !== null && busy > 0) writeLevels(writer, model, levels, busy, base);
}

function busyLevels(levels: readonly LevelState[]): number {
  let busy = 0;
  for (let index = 0; index < levels.length; index++) if (!isIdle(levels[index] as LevelState)) busy++;
  return busy;
}

function writeEpisode(writer: ByteWriter, { warning, raised, ordinal, forwardedTo }: Episode, base: number) {
  const start = writer.length;
  writer.whole(2 * ordinal + 1);
  if (!writeHex(writer, warning)) {
    writer.length = start;
    writer.whole(2 * ordinal);
    writer.string(warning);
  }
  writer.instant(raised, base);
  if (forwardedTo === undefined) return;
  writer.whole(forwardedTo.length);
  for (const key of forwardedTo) writer.string(key);
}

const HEX = '0123456789abcdef';
const HEX_DIGITS = 32;
/** Code units of the digits, and their values by code unit; 255 for what is none. */
const DIGITS = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0));
const VALUES = new Uint8Array(128).fill(255);
for (let value = 0; value < HEX.length; value++) VALUES[DIGITS[value] as number] = value;

function writeHex(writer: ByteWriter, text: string): boolean {
  if (text.length !== HEX_DIGITS) return false;
  for (let index = 0; index < HEX_DIGITS; index += 2) {
    const high = VALUES[text.charCodeAt(index)] ?? 255;
    const low = VALUES[text.charCodeAt(index + 1)] ?? 255;
    if ((high | low) > 15) return false;
    writer.byte((high << 4) | low);
  }
  return true;
}

function readHex(reader: ByteReader): string {
  let text = '';
  for (let index = 0; index < HEX_DIGITS; index += 8) {
    const [a, b, c, d] = [reader.byte(), reader.byte(), reader.byte(), reader.byte()];
    text += String.fromCharCode(
      DIGITS[a >> 4] as number,
      DIGITS[a & 15] as number,
      DIGITS[b >> 4] as number,
      DIGITS[b & 15] as number,
      DIGITS[c >> 4] as number,
      DIGITS[c & 15] as number,
      DIGITS[d >> 4] as number,
      DIGITS[d & 15] as number,
    );
  }
  return text;
}

function writeLevels(
  writer: ByteWriter,
  { plan }: ModelState,
  levels: readonly LevelState[],
  busy: number,
  base: number,
): void {
  writer.whole(busy);
  for (let index = 0; index < levels.length; index++) {
    const level = levels[index] as LevelState;
    if (isIdle(level)) continue;
    const { on, elapsed, runningSince, unknownSince } = level;
    const isRunning = !Number.isNaN(runningSince);
    const isUnknown = !Number.isNaN(unknownSince);
    writer.byte(
      rank(plan.model.levels[index]?.level ?? 'none') |
        (on ? ON : 0) |
        (elapsed === 0 ? 0 : ELAPSED) |
        (isRunning ? RUNNING : 0) |
        (isUnknown ? UNKNOWN : 0),
    );
    if (elapsed !== 0) writer.instant(elapsed, 0);
    if (isRunning) writer.instant(runningSince, base);
    if (isUnknown) writer.instant(unknownSince, base);
  }
}

/** Reads what a model held; into nothing where there is no plan for it. */
export function readModel(
  reader: ByteReader,
  state: KeyState,
  plan: ModelPlan | undefined,
  base: number,
): void {
  const flags = reader.byte();
  const episode = (flags & EPISODE) === 0 ? null : readEpisode(reader, flags, base);
  const due = (flags & DUE) === 0 ? Infinity : reader.instant(base);
  const levels = (flags & LEVEL_STATES) === 0 ? null : readLevels(reader, plan, base);
  if (plan === undefined) return;
  const model = state.openModel(plan);
  model.shown = flags & SHOWN;
  model.episode = episode;
  model.due = model.storedDue = due;
  model.levels = levels;
  model.storedHolds = model.holds;
}

function readEpisode(reader: ByteReader, flags: number, base: number): Episode {
  const coded = reader.whole();
  const isHex = coded % 2 === 1;
  const warning = isHex ? readHex(reader) : reader.string();
  const raised = reader.instant(base);
  const ordinal = (coded - (isHex ? 1 : 0)) / 2;
  const episode: Episode = { warning, raised, ordinal, quiet: (flags & QUIET) !== 0 };
  if ((flags & FORWARDED) !== 0) {
    episode.forwardedTo = Array.from({ length: reader.whole() }, () => reader.string());
  }
  return episode;
}

/** The levels of the plan; null where all are idle. One that the model has no more is forgotten. */
function readLevels(reader: ByteReader, plan: ModelPlan | undefined, base: number): LevelState[] | null {
  const levels = plan?.model.levels.map(openLevel) ?? [];
  for (let count = reader.whole(); count > 0; count--) {
    const flags = reader.byte();
    const named = LEVELS[flags & RANK];
    const index = plan?.model.levels.findIndex(({ level }) => level === named) ?? -1;
    const level = levels[index] ?? openLevel();
    level.on = (flags & ON) !== 0;
    if ((flags & ELAPSED) !== 0) level.elapsed = reader.instant(0);
    if ((flags & RUNNING) !== 0) level.runningSince = reader.instant(base);
    if ((flags & UNKNOWN) !== 0) level.unknownSince = reader.instant(base);
  }
  return levels.every(isIdle) ? null : levels;
}
