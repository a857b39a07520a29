// The line by which a file of rules tells editors its schema.

/** The files of schemas at the top of a rules folder. */
export const MODEL_SCHEMA_FILE = 'schema.json';
export const TEST_SCHEMA_FILE = 'test.schema.json';

/** The first line of a model or of its tests. @param path relative to the rules folder, with `/` */
export function headerOf(path: string): string {
  const up = '../'.repeat(path.split('/').length - 1);
  const file = path.endsWith('.test.yaml') ? TEST_SCHEMA_FILE : MODEL_SCHEMA_FILE;
  return `# yaml-language-server: $schema=${up}${file}`;
}

/** Whether a file can have the line: it is a model or the tests of one, no part of the catalogue. */
export function takesHeader(path: string): boolean {
  return path.endsWith('.yaml') && !path.startsWith('catalogue/');
}
