// Who hears of a warning: the office of the item's lead department that answers for its region, offices of the
// cooperating departments in copy, or whom a rule of the routes names. A joint task goes to those of every item that it
// merges. What nothing takes goes to the fallback, and the operators hear of it.
import type { Catalogue, Item, RouteRole } from '../catalogue/catalogue.js';
import { officeFor, type PassedOffice } from '../catalogue/jurisdiction.js';
import { FALLBACK, USUAL } from '../catalogue/routes-schema.js';
import type { DrawnTask, Transition } from '../engine/output.js';
import { factsOf, unmet, type RouteFacts, type RoutedWarning, type Unmet } from './route-conditions.js';

/** Why somebody hears of a warning. Plain JSON. */
export interface RouteReason {
  /**
   * The rule of the routes by its name; `usual`, `fallback`, `draw`, `former` for who heard of the warning before, or `notice`
   * for who is told something beside its transitions.
   */
  readonly by: string;
  /** The item; null for `former` and `notice`. */
  readonly item: string | null;
  /** The department whose office it is: that of the item, or the one named outright. */
  readonly of: string;
  /** The region prefix by which the office answers, empty for all regions; null where it was named outright. */
  readonly prefix: string | null;
}

export interface Recipient {
  readonly department: string;
  /** `lead` where it leads one of the items. */
  readonly role: RouteRole;
  readonly channel: string;
  readonly reason: RouteReason;
}

/** A rule that does not decide: a condition is not met, nobody would lead, or an earlier rule decides. */
export interface PassedRule {
  readonly rule: string;
  readonly because: Unmet | 'nobody-leads' | 'decided';
}

/** How one item of a warning found its way. */
export interface ItemRoute {
  readonly item: string;
  /** Whether the catalogue has it. */
  readonly known: boolean;
  /** What decided, as in `RouteReason`; null where nobody leads and there is no fallback. */
  readonly by: string | null;
  readonly passedRules: readonly PassedRule[];
  /** Of the lead and the cooperating departments, those with a longer region prefix that do not get it. */
  readonly passedOffices: readonly (PassedOffice & { readonly of: string })[];
  /** Departments of the item that have no office for it. */
  readonly absent: readonly { readonly department: string; readonly role: RouteRole }[];
}

export interface Route {
  /** One for each department and channel: who leads the warning's own item first, then other leads, then who cooperates. */
  readonly recipients: readonly Recipient[];
  /** Items that the catalogue does not have. */
  readonly unknown: readonly string[];
  /** The own item first, then those that the joint task merges. */
  readonly items: readonly ItemRoute[];
}

/** A department, before the items are put together. */
interface Named {
  readonly department: string;
  readonly role: RouteRole;
  readonly channels: readonly string[];
  readonly reason: RouteReason;
}

/** Whom the item itself names, and how their offices were found. */
type UsualRoute = Pick<ItemRoute, 'passedOffices' | 'absent'> & { readonly named: readonly Named[] };

/** The reason of who heard of a warning before. */
export const FORMER = 'former';

/** The reason of who inspects by lot. */
const DRAWN = 'draw';

/** By which a department is told that the catalogue does not know any more. */
const DEFAULT_CHANNELS = ['file'];

/** The items of a transition: its own, then those that its joint task merges. */
export function itemsOf({ item, task }: Pick<Transition, 'item' | 'task'>): string[] {
  return [...new Set([item, ...(task?.items ?? [])])];
}

/** Decides who hears of a warning, by which channels, and why. */
export function routeOf(warning: RoutedWarning, catalogue: Catalogue): Route {
  if (warning.draw !== undefined) return drawnRoute(warning, warning.draw, catalogue);
  const facts = factsOf(warning);
  const routes = itemsOf(warning).map((id) => routeItem(id, facts, catalogue));
  return {
    recipients: merged(routes.flatMap(({ named }) => named)),
    unknown: routes.filter(({ route }) => !route.known).map(({ route }) => route.item),
    items: routes.map(({ route }) => route),
  };
}

/** Who inspects together stands in the record of the draw, which everybody can check; no route changes it. */
function drawnRoute(warning: RoutedWarning, { departments }: DrawnTask, catalogue: Catalogue): Route {
  const recipients = departments.flatMap((department, index) =>
    outright(catalogue, department, index === 0 ? 'lead' : 'cooperating', DRAWN).map((one) => ({
      ...one,
      reason: { ...one.reason, prefix: '' },
    })),
  );
  const items = itemsOf(warning).map((item): ItemRoute => ({
    item,
    known: catalogue.items.has(item),
    by: DRAWN,
    passedRules: [],
    passedOffices: [],
    absent: [],
  }));
  return { recipients, unknown: items.flatMap(({ known, item }) => (known ? [] : [item])), items };
}

/** Whether a route of the catalogue takes an item, so that no fallback is needed. */
export function isTaken({ by }: ItemRoute): boolean {
  return by !== null && by !== FALLBACK;
}

/** What operators must know of a route. */
export function notesOf(
  { warning, level, previous }: Pick<Transition, 'warning' | 'level' | 'previous'>,
  route: Route,
): { readonly code: string; readonly message: string }[] {
  return route.items
    .filter((one) => !isTaken(one))
    .map(({ item, known, absent, by }) => {
      const lead = absent.find(({ role }) => role === 'lead')?.department ?? '';
      const shown = level === 'none' ? previous : level;
      const why = known ? `no office of ${lead} takes ${item}, ${shown}, in its region` : `no item ${item}`;
      const sent = by === FALLBACK ? '; sent to the fallback' : '';
      return { code: 'ALERT_NO_ROUTE', message: `warning ${warning}: ${why}${sent}` };
    });
}

/** Departments that heard of a warning and that its route no longer names: they hear how it goes on. */
export function formerOf(heard: readonly string[], { recipients }: Route, catalogue: Catalogue): Recipient[] {
  const named = new Set(recipients.map(({ department }) => department));
  const former = [...new Set(heard)].filter((department) => !named.has(department));
  return former.flatMap((department) => outright(catalogue, department, 'cooperating', FORMER));
}

/** A department that is told outside any route, by its own channels. @param by the reason */
export function outright(catalogue: Catalogue, department: string, role: RouteRole, by: string): Recipient[] {
  const reason: RouteReason = { by, item: null, of: department, prefix: null };
  return channelsOf(catalogue, department).map((channel) => ({ department, role, channel, reason }));
}

/** Each department of the recipients once. */
export function departmentsOf(recipients: readonly Recipient[]): string[] {
  return [...new Set(recipients.map(({ department }) => department))];
}

function channelsOf(catalogue: Catalogue, department: string): readonly string[] {
  return catalogue.departments.get(department)?.channels ?? DEFAULT_CHANNELS;
}

function routeItem(id: string, facts: RouteFacts, catalogue: Catalogue) {
  const item = catalogue.items.get(id);
  const usual = item === undefined ? null : usualOf(item, facts, catalogue);
  const { by, named, passedRules } = decide(id, usual, facts, catalogue);
  const route: ItemRoute = {
    item: id,
    known: item !== undefined,
    by,
    passedRules,
    passedOffices: usual?.passedOffices ?? [],
    absent: usual?.absent ?? [],
  };
  return { route, named };
}

/** The first rule that takes the item, else whom the item names, else the fallback. */
function decide(id: string, usual: UsualRoute | null, facts: RouteFacts, catalogue: Catalogue) {
  const { rules, fallback } = catalogue.routes;
  const passedRules: PassedRule[] = [];
  const usually = usual?.named ?? [];
  let taken: { by: string; named: readonly Named[] } | null = null;
  for (const rule of rules) {
    if (taken !== null) {
      passedRules.push({ rule: rule.name, because: 'decided' });
      continue;
    }
    const condition = unmet(rule, id, facts, catalogue);
    const named = condition === null ? ruleTargets(rule, id, usually, catalogue) : [];
    if (leads(named)) taken = { by: rule.name, named };
    else passedRules.push({ rule: rule.name, because: condition ?? 'nobody-leads' });
  }
  if (taken !== null) return { ...taken, passedRules };
  if (leads(usually)) return { by: USUAL, named: usually, passedRules };
  if (fallback === null) return { by: null, named: usually, passedRules };
  const last = fallback.departments.map((department, index): Named => ({
    department,
    role: index === 0 ? 'lead' : 'cooperating',
    channels: fallback.channels ?? channelsOf(catalogue, department),
    reason: { by: FALLBACK, item: id, of: department, prefix: null },
  }));
  return { by: FALLBACK, named: [...last, ...usually], passedRules };
}

function leads(named: readonly Named[]): boolean {
  return named.some(({ role }) => role === 'lead');
}

/** Whom a rule tells of an item. */
function ruleTargets(
  rule: Catalogue['routes']['rules'][number],
  item: string,
  usual: readonly Named[],
  catalogue: Catalogue,
): Named[] {
  const targets = rule.to.flatMap((target): Named[] => {
    if (typeof target !== 'string') {
      const { department, role } = target;
      const channels = target.channels ?? rule.channels ?? channelsOf(catalogue, department);
      return [{ department, role, channels, reason: { by: rule.name, item, of: department, prefix: null } }];
    }
    return usual
      .filter(({ role }) => role === target)
      .map((one) => ({
        ...one,
        channels: rule.channels ?? one.channels,
        reason: { ...one.reason, by: rule.name },
      }));
  });
  return rule.add ? [...usual, ...targets] : targets;
}

function usualOf(item: Item, { prefixes, level }: RouteFacts, catalogue: Catalogue): UsualRoute {
  const named: Named[] = [];
  const passedOffices: (PassedOffice & { of: string })[] = [];
  const absent: { department: string; role: RouteRole }[] = [];
  const ask = (of: string, role: RouteRole) => {
    const { office, prefix, passed } = officeFor(catalogue, of, item.level, prefixes, level);
    passedOffices.push(...passed.map((one) => ({ ...one, of })));
    if (office === null) absent.push({ department: of, role });
    else {
      const reason = { by: USUAL, item: item.id, of, prefix };
      named.push({ department: office.id, role, channels: office.channels, reason });
    }
  };
  ask(item.lead, 'lead');
  for (const department of item.cooperating) ask(department, 'cooperating');
  return { named, passedOffices, absent };
}

/** One recipient for each department and channel, for the first reason; who leads anything leads. */
function merged(named: readonly Named[]): Recipient[] {
  const leading = new Set(named.filter(({ role }) => role === 'lead').map(({ department }) => department));
  const ordered = [
    ...named.filter(({ role }) => role === 'lead'),
    ...named.filter(({ role }) => role !== 'lead'),
  ];
  const recipients = new Map<string, Map<string, Recipient>>();
  for (const { department, channels, reason } of ordered) {
    const role = leading.has(department) ? 'lead' : 'cooperating';
    const known = recipients.get(department) ?? new Map<string, Recipient>();
    for (const channel of channels) {
      if (!known.has(channel)) known.set(channel, { department, role, channel, reason });
    }
    recipients.set(department, known);
  }
  return [...recipients.values()].flatMap((known) => [...known.values()]);
}
