// What the process environment says. Only this folder reads it.

/** Whether errors are shown with their stack: FENGHUO_DEBUG is set and not 0. */
export function debugging(): boolean {
  const value = process.env['FENGHUO_DEBUG'];
  return value !== undefined && value !== '' && value !== '0';
}
