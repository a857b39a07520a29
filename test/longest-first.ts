// The order in which files are tested: long ones begin early, so that no core is idle while the last one ends.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes minutes, or waits much, however few lines it has; a clean checkout knows no durations. */
const LONG = ['chaos/', 'acceptance/distributed', 'acceptance/', 'app/distributed/', 'adapters/kafka/'];

const place = ({ moduleId }: TestSpecification): number => {
  const found = LONG.findIndex((part) => moduleId.includes(`/test/${part}`));
  return found < 0 ? LONG.length : found;
};

/** Long ones first, else as vitest has it: by the durations that it remembers, or by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
