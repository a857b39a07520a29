// Writes the windows of a key whose events lie in a ledger, as the windows themselves would write them.
import type { ByteWriter } from '../byte-writer.js';
import type { Value } from '../../model/expression/expression.js';
import type { Ledger } from '../ledger.js';
import type { WindowPlan } from '../plan.js';
import { RowEntries } from '../row-entries.js';

/** Reused for every window. */
const entries = new RowEntries();

/** Writes all windows that are kept, what has left one and is still known included. */
export function writeRowWindows(writer: ByteWriter, ledger: Ledger): void {
  const { windows } = ledger.kept;
  writer.whole(windows.length);
  for (let index = 0; index < windows.length; index++) {
    const window = windows[index] as WindowPlan;
    writer.whole(2 * window.index);
    const start = writer.open();
    // A reader may pass over what comes before.
    writer.forgetTexts();
    writeEntries(writer, ledger, window);
    writer.close(start);
  }
  writer.forgetTexts();
}

/** As `Window.encode`. */
function writeEntries(writer: ByteWriter, ledger: Ledger, window: WindowPlan): void {
  entries.fill(ledger, window, -Infinity);
  const { size, rows, values } = entries;
  let hasValues = false;
  if (window.keepsValues) for (let index = 0; index < size; index++) hasValues ||= values[index] !== true;
  writer.whole(4 * size + (hasValues ? 1 : 0));
  let expected = 0;
  for (let index = 0; index < size; index++) {
    const row = rows[index] as number;
    writer.signed(row - expected);
    if (hasValues) writer.value(values[index] as Value);
    expected = row + 1;
  }
}
