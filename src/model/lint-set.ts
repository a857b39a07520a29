// What no single model shows: models that are one, items that nobody watches, lists and plans that nothing uses.
import type { Catalogue } from '../catalogue/catalogue.js';
import { hashOf } from './identity.js';
import type { Model } from './model.js';
import { removalOf } from './removal.js';
import type { ParsedFile } from './report.js';
import type { RuleSet } from './ruleset.js';
import { warnsNobody } from './status.js';
import { readsWarnings } from './strata.js';
import { nodeAt } from './yaml.js';
import { partsOf, writtenIn } from './written.js';

/** Files of a set without errors, by path. */
export type ParsedFiles = ReadonlyMap<string, ParsedFile>;

const FOLDER = 'catalogue/';
const SUFFIX = '.yaml';

/** Adds to the reports of the files what is to be noticed of a set as a whole. */
export function lintSet({ catalogue, models }: RuleSet, files: ParsedFiles): void {
  const own = models.filter(({ feed }) => feed === null);
  warnDuplicates(own, files);
  warnCoverage(own, catalogue, files);
  warnUnusedPlans(catalogue, files);
  warnLists(catalogue, files);
  warnEvaluation(own, catalogue, files);
}

/** The files of models, switched off or not. */
export function modelFiles(files: ParsedFiles): [string, ParsedFile][] {
  return [...files].filter(([path]) => !path.startsWith(FOLDER));
}

function warnDuplicates(models: readonly Model[], files: ParsedFiles): void {
  const meanings = new Map<string, string>();
  const titles = new Map<string, string>();
  for (const model of models) {
    const file = files.get(model.name + SUFFIX);
    if (file === undefined) continue;
    const meaning = meaningOfModel(model);
    const twin = meanings.get(meaning);
    if (twin !== undefined) {
      const message = `the model warns of the same as ${twin}`;
      file.report.add('MODEL_DUPLICATE', nodeAt(file.root, ['model']), message, {
        severity: 'warning',
        expected: 'one of them, or what tells them apart',
      });
    } else meanings.set(meaning, model.name);
    const namesake = titles.get(model.title);
    if (namesake !== undefined && twin === undefined) {
      const message = `${namesake} has this title, too`;
      file.report.add('MODEL_TITLE_TWICE', nodeAt(file.root, ['title']), message, {
        severity: 'warning',
        expected: 'a title by which officials can tell their warnings apart',
      });
    } else titles.set(model.title, model.name);
  }
}

/** Everything that decides when a model warns, and of whom. */
function meaningOfModel({ scope, where, indicators, score, levels, forMs, holdMs, params }: Model): string {
  return hashOf({
    scope,
    where: where?.source.trim() ?? null,
    indicators: Object.fromEntries(indicators.map(({ name, identity }) => [name, identity])),
    score: (score?.lines ?? []).map(({ weight, expression, measure }) => [
      weight,
      expression.source,
      measure,
    ]),
    levels: levels.map(({ level, condition, clear }) => [level, condition.source, clear?.source ?? null]),
    params: params.map(({ name, fallback, by, choices }) => [name, fallback, by, [...choices]]),
    forMs,
    holdMs,
  });
}

/** Items whose only models are switched off or run in the shadow, and those without any. */
function warnCoverage(models: readonly Model[], catalogue: Catalogue, files: ParsedFiles): void {
  const watched = new Set(models.filter(({ shadow }) => shadow !== true).map(({ item }) => item));
  const off = new Set<string>();
  for (const [, { report, root, content }] of modelFiles(files)) {
    if (!warnsNobody(content)) continue;
    const item = (content as { readonly item?: unknown }).item;
    if (typeof item !== 'string' || watched.has(item)) continue;
    off.add(item);
    const message = `no other model watches over the item "${item}", so nothing warns of it now`;
    report.add('MODEL_SOLE_COVERAGE', nodeAt(root, ['status']), message, {
      severity: 'warning',
      expected: 'status: active, or another model of the item',
    });
  }
  const items = files.get(`${FOLDER}items.yaml`);
  for (const id of catalogue.items.keys()) {
    if (items === undefined || watched.has(id) || off.has(id)) continue;
    const message = `no model watches over the item "${id}"`;
    items.report.add('CATALOGUE_ITEM_UNWATCHED', nodeAt(items.root, [id], 'key'), message, {
      severity: 'warning',
      expected: `a model with item: ${id}`,
    });
  }
}

function warnUnusedPlans(catalogue: Catalogue, files: ParsedFiles): void {
  const plans = files.get(`${FOLDER}plans.yaml`);
  const used = new Set(modelFiles(files).map(([, { content }]) => (content as { plan?: unknown }).plan));
  for (const id of catalogue.plans.keys()) {
    if (plans === undefined || used.has(id)) continue;
    plans.report.add(
      'CATALOGUE_PLAN_UNUSED',
      nodeAt(plans.root, [id], 'key'),
      `no model has the plan "${id}"`,
      {
        severity: 'warning',
        expected: `a model with plan: ${id}, or no such plan`,
      },
    );
  }
}

function warnLists(catalogue: Catalogue, files: ParsedFiles): void {
  const lists = files.get(`${FOLDER}lists.yaml`);
  if (lists === undefined) return;
  const { report, root } = lists;
  const used = new Set(modelFiles(files).flatMap(([, file]) => listsRead(file)));
  for (const [id, values] of catalogue.lists) {
    const key = nodeAt(root, [id], 'key');
    if (values.size === 0) {
      const expected = 'at least one value';
      report.add('CATALOGUE_LIST_EMPTY', key, `nothing is ever in the list "${id}"`, {
        severity: 'warning',
        expected,
      });
    }
    if (!used.has(id)) {
      report.add('CATALOGUE_LIST_UNUSED', key, `no model looks in the list "${id}"`, {
        severity: 'warning',
        expected: `list("${id}") in an expression, or no such list`,
      });
    }
    warnRepeated(lists, id);
  }
}

function warnRepeated({ report, root }: ParsedFile, id: string): void {
  const values = nodeAt(root, [id, 'values']);
  if (values.kind !== 'list') return;
  const seen = new Set<string>();
  for (const [position, item] of values.items.entries()) {
    if (item.kind !== 'text') continue;
    const value = item.value.trim();
    if (seen.has(value)) {
      report.add('CATALOGUE_LIST_TWICE', item, `"${value}" is in the list already`, {
        severity: 'warning',
        expected: 'each value once',
        fix: removalOf(report.source.text, root, [id, 'values', position]),
      });
    }
    seen.add(value);
  }
}

/** The lists that the expressions of a file look in. */
function listsRead({ root }: ParsedFile): string[] {
  return writtenIn(root).flatMap(({ syntax }) =>
    [...partsOf(syntax)].flatMap((part) => {
      const [name] = part.op === 'call' && part.name === 'list' ? part.args : [];
      return name?.op === 'literal' && typeof name.value === 'string' ? [name.value] : [];
    }),
  );
}

/** The model by which credit is evaluated at the end of a quarter has to be one that can. */
function warnEvaluation(models: readonly Model[], { evaluation }: Catalogue, files: ParsedFiles): void {
  const file = files.get(`${FOLDER}evaluation.yaml`);
  if (evaluation === null || file === undefined) return;
  const model = models.find(({ name }) => name === evaluation.model);
  const why =
    model === undefined
      ? 'there is no such model'
      : model.score === null
        ? 'the model has no score'
        : model.scope !== 'subject' || readsWarnings(model)
          ? 'the model is not about subjects and events alone'
          : null;
  if (why === null) return;
  file.report.add('CATALOGUE_EVALUATION', nodeAt(file.root, ['model']), `${why}, so no credit is evaluated`, {
    severity: 'warning',
    expected: 'a model with scope: subject and score, that reads no warnings',
    ...(model === undefined
      ? { sought: { name: evaluation.model, among: models.map(({ name }) => name) } }
      : {}),
  });
}
