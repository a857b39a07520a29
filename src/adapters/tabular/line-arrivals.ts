// When the events of an NDJSON file arrive, without reading them whole: a first look at a file that is read again.
import { arrivalInText } from '../../events/arrival-in-text.js';
import type { ArrivalLines, RowRead } from '../../ports/rows.js';
import { readJsonObject } from './json-row.js';
import { unpacked } from './text.js';

/** A longer line is refused anyhow, wherever it is cut. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;

/** Lines in batches. @param name for messages; @throws CodedError FILE_READ */
export async function* lineArrivals(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<ArrivalLines> {
  let rest = '';
  for await (const chunk of unpacked(bytes, name)) {
    // One character a byte: no byte of a longer character is one of ASCII.
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const lines = new Lines();
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      lines.add(text.slice(from, to));
      from = to + 1;
    }
    rest = text.slice(from);
    if (rest.length > LINE_BYTES_MAX) rest = '';
    yield lines;
  }
  const last = new Lines();
  last.add(rest);
  yield last;
}

class Lines implements ArrivalLines {
  readonly arrivals: (number | undefined)[] = [];
  private readonly texts: string[] = [];

  add(text: string): void {
    if (text === '') return;
    this.arrivals.push(arrivalInText(text));
    this.texts.push(text);
  }

  row(index: number): RowRead {
    return readJsonObject(new TextDecoder().decode(Buffer.from(this.texts[index] ?? '', 'latin1')), 0);
  }
}
