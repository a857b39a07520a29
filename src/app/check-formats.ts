// The findings of a check for machines: SARIF 2.1.0 for code scanning, and the annotations of GitHub's workflows.
import { pathToFileURL } from 'node:url';
import { CODES, type Code } from '../events/codes.js';
import { CHECKS } from '../model/checks/checks.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { visible } from '../model/format-diagnostic.js';
import type { CheckedRules } from './checking.js';
import { version } from './version.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** One log with one run (OASIS Static Analysis Results Interchange Format 2.1.0). */
export function asSarif(sets: readonly CheckedRules[]): unknown {
  const diagnostics = sets.flatMap((set) => set.diagnostics);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'fenghuo', version: version(), rules: CHECKS.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(resultOf),
      },
    ],
  };
}

function ruleOf({ code, severity, says }: (typeof CHECKS)[number]) {
  return {
    id: code,
    shortDescription: { text: CODES[code] },
    fullDescription: { text: says },
    help: { text: `${CODES[code]} ${says} fenghuo check --explain ${code}` },
    defaultConfiguration: { level: severity },
  };
}

function resultOf(diagnostic: Diagnostic) {
  const { code, severity, file, line, column, fix } = diagnostic;
  const artifactLocation = { uri: uriOf(file) };
  const ruleIndex = CHECKS.findIndex((check) => check.code === code);
  return {
    ruleId: code,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: severity,
    message: { text: wordsOf(diagnostic) },
    locations: [{ physicalLocation: { artifactLocation, region: { startLine: line, startColumn: column } } }],
    ...(fix === undefined
      ? {}
      : {
          fixes: [
            {
              description: { text: CODES[code as Code] },
              artifactChanges: [
                {
                  artifactLocation,
                  replacements: [
                    {
                      deletedRegion: { charOffset: fix.start, charLength: fix.end - fix.start },
                      insertedContent: { text: fix.text },
                    },
                  ],
                },
              ],
            },
          ],
        }),
  };
}

/** A relative reference for what lies below the current folder, else a file URL. */
function uriOf(file: string): string {
  if (file.startsWith('/') || file.startsWith('..')) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}

/** Message, expectation and nearest name in one line. */
function wordsOf({ message, expected, nearest }: Diagnostic): string {
  const hints = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(nearest === undefined ? [] : [`did you mean "${nearest}"?`]),
  ];
  return visible(hints.length === 0 ? message : `${message} (${hints.join(', ')})`);
}

/** Workflow commands, one a finding, which GitHub shows beside the lines of a change. */
export function asAnnotations(sets: readonly CheckedRules[]): string[] {
  return sets.flatMap(({ diagnostics }) =>
    diagnostics.map((diagnostic) => {
      const { code, severity, file, line, column } = diagnostic;
      const place = `file=${property(file)},line=${line},col=${column},title=${property(code)}`;
      return `::${severity} ${place}::${escaped(wordsOf(diagnostic))}`;
    }),
  );
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** In a property a colon or a comma would end it. */
function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
