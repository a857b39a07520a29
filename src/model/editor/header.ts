// The line by which a file of rules tells editors its schema.

/** The files of schemas at the top of a rules folder. */
export const MODEL_SCHEMA_FILE = 'schema.json';
export const TEST_SCHEMA_FILE = 'test.schema.json';

const CATALOGUE = 'catalogue/';

/** The file of the schema of a file of the catalogue, beside it. @param name such as `items.yaml` */
export function catalogueSchemaFile(name: string): string {
  return `${name.slice(0, -'.yaml'.length)}.schema.json`;
}

/** The first line of a model, of its tests, or of a file of the catalogue. @param path in the rules folder, with `/` */
export function headerOf(path: string): string {
  if (path.startsWith(CATALOGUE))
    return `# yaml-language-server: $schema=${catalogueSchemaFile(path.slice(CATALOGUE.length))}`;
  const up = '../'.repeat(path.split('/').length - 1);
  const file = path.endsWith('.test.yaml') ? TEST_SCHEMA_FILE : MODEL_SCHEMA_FILE;
  return `# yaml-language-server: $schema=${up}${file}`;
}

/** Whether a file is a model or the tests of one, and no part of the catalogue. */
export function isOfModel(path: string): boolean {
  return path.endsWith('.yaml') && !path.startsWith(CATALOGUE);
}
