// The tracked files, and what the compiler's syntax tree says of one of them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import type { Import } from './import-table.js';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Paths of the files under version control that exist, relative to the project. */
export function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  return listed.split('\0').filter((path) => path !== '' && existsSync(ROOT + path));
}

export function textOf(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

const parsed = new Map<string, ts.SourceFile>();

export function parse(path: string): ts.SourceFile {
  let source = parsed.get(path);
  if (source === undefined) {
    source = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
    parsed.set(path, source);
  }
  return source;
}

/** Calls back for a node and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** Imports, exports from elsewhere, types by `import()`, and dynamic imports. */
export function importsOf(path: string): Import[] {
  const found: Import[] = [];
  walk(parse(path), (node) => {
    const imported = importAt(node);
    if (imported === null) return;
    const { specifier, typeOnly } = imported;
    const relative = specifier?.startsWith('.') === true;
    const target = relative ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts') : specifier;
    found.push({ target, relative, typeOnly, line: lineOf(node) });
  });
  return found;
}

/** What a node imports. */
function importAt(node: ts.Node): { specifier: string | null; typeOnly: boolean } | null {
  if (ts.isImportDeclaration(node)) {
    return { specifier: nameIn(node.moduleSpecifier), typeOnly: isTypeImport(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: nameIn(node.moduleSpecifier), typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) return { specifier: nameIn(node.argument), typeOnly: true };
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return { specifier: argument === undefined ? null : nameIn(argument), typeOnly: false };
  }
  return null;
}

function nameIn(node: ts.Node): string | null {
  if (ts.isLiteralTypeNode(node)) return nameIn(node.literal);
  return ts.isStringLiteralLike(node) ? node.text : null;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

/** A function and how many lines it has, its comment not counted. */
export interface Measured {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/**
 * Every function with a body. A callback of `describe` is a list of tests and none; tests count for themselves and
 * not for the function that lists them.
 */
export function functionsOf(path: string): Measured[] {
  const found: Measured[] = [];
  walk(parse(path), (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    if (/^describe\b/.test(calledWith(node))) return;
    let lines = linesOf(node);
    for (const test of testsBelow(node)) lines -= linesOf(test) - 1;
    found.push({ name: functionName(node), line: lineOf(node), lines });
  });
  return found;
}

function linesOf(node: ts.Node): number {
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getEnd());
  return line + 2 - lineOf(node);
}

/** The outermost callbacks of `describe`, `test` and `it` inside a function. */
function testsBelow(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const search = (child: ts.Node): void => {
    if (ts.isFunctionLike(child) && /^(describe|test|it)\b/.test(calledWith(child))) found.push(child);
    else ts.forEachChild(child, search);
  };
  ts.forEachChild(node, search);
  return found;
}

/** What a function is an argument of, as its source text: `describe.each(cases)`; empty where it is none. */
function calledWith(node: ts.Node): string {
  const { parent } = node;
  return ts.isCallExpression(parent) && parent.expression !== node ? parent.expression.getText() : '';
}

function functionName(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return ts.isConstructorDeclaration(node) ? 'constructor' : 'a nameless function';
}

const ASYNC_GLOBALS = ['Promise', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'];
const OUTER_GLOBALS = [
  'process',
  'console',
  'performance',
  'crypto',
  'globalThis',
  'global',
  'require',
  'Buffer',
];

/** What makes a file impure: asynchrony, clocks, chance, the process, the console. */
export function impuritiesOf(path: string): { what: string; line: number }[] {
  const found: { what: string; line: number }[] = [];
  walk(parse(path), (node) => {
    const what = impurityAt(node);
    if (what !== null) found.push({ what, line: lineOf(node) });
  });
  return found;
}

function impurityAt(node: ts.Node): string | null {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitKeyword) return 'async';
  if (ts.isAwaitExpression(node)) return 'await';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return (node.arguments ?? []).length === 0 ? 'new Date()' : null;
  }
  if (ts.isCallExpression(node)) {
    const called = node.expression.getText();
    const isNow =
      called === 'Date' || (/^DateTime\.(local|utc)$/.test(called) && node.arguments.length === 0);
    return isNow ? `${called}()` : null;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    return ['Date.now', 'Math.random', 'DateTime.now'].includes(text) ? text : null;
  }
  if (!ts.isIdentifier(node) || !isReference(node)) return null;
  return [...ASYNC_GLOBALS, ...OUTER_GLOBALS].includes(node.text) ? node.text : null;
}

/** Whether an identifier refers to something, and is not the name of a property or member. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  const named = parent as Partial<ts.NamedDeclaration>;
  const isMember =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isAccessor(parent) ||
    ts.isEnumMember(parent);
  return !(isMember && named.name === node);
}

/** Lines that read the environment of the process. */
export function environmentReads(path: string): number[] {
  const found: number[] = [];
  walk(parse(path), (node) => {
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') found.push(lineOf(node));
    if (ts.isElementAccessExpression(node) && /^process\[.env.\]$/.test(node.getText()))
      found.push(lineOf(node));
    if (ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === 'env') {
      const declaration = node.parent.parent;
      if (ts.isVariableDeclaration(declaration) && declaration.initializer?.getText() === 'process')
        found.push(lineOf(node));
    }
  });
  return found;
}

/** Whether a file says what it is: by its first line, or by the comment of what it declares first. */
export function saysWhatItIs(path: string): boolean {
  const text = textOf(path);
  if (beginsWithComment(path)) return true;
  const first = parse(path).statements.find((node) => !ts.isImportDeclaration(node));
  if (first === undefined) return false;
  const comments = ts.getLeadingCommentRanges(text, first.getFullStart()) ?? [];
  return comments.some(({ pos }) => text.startsWith('/**', pos));
}

/** Whether the first line, but for that which names the interpreter, is a comment. */
export function beginsWithComment(path: string): boolean {
  return /^(#!.*\n)?(\/\/ |\/\*\*? ).{10,}/.test(textOf(path));
}

/** Statements of a file that leave something at run time. */
export function runtimeStatements(path: string): number[] {
  return parse(path)
    .statements.filter(
      (node) =>
        !ts.isInterfaceDeclaration(node) &&
        !ts.isTypeAliasDeclaration(node) &&
        !(ts.isImportDeclaration(node) && isTypeImport(node.importClause)) &&
        !(ts.isExportDeclaration(node) && node.isTypeOnly),
    )
    .map(lineOf);
}

/** A cycle in a graph of files as the list of its files, the first again at the end; null where there is none. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return null;
}
