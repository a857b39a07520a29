// An operator of indicators as data: what the parser asks of it, and what authors are told of it.
import type { StreamName } from '../../events/event.js';
import type { FieldType } from '../../events/fields.js';

/** One text in both languages. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** What the key of an operator takes. */
export type Argument =
  /** An expression over one event; with `all` also `*`, every event. */
  | { readonly kind: 'expression'; readonly type: 'bool' | 'number' | 'any'; readonly all?: true }
  /** One of several words. */
  | { readonly kind: 'word'; readonly among: readonly string[] }
  /** A list of steps. */
  | { readonly kind: 'steps' }
  /** An expression over other indicators. */
  | { readonly kind: 'figure' };

/** What one event costs in time, where the window holds n events. */
export type Work =
  /** The same whatever the window holds. */
  | 'constant'
  /** The same, but that all n are looked at anew when what decided the figure is gone. */
  | 'constant, n at times'
  /** A search in n sorted numbers, some of which move. */
  | 'sorted'
  /** The matches that wait for such an event. */
  | 'matches'
  /** One run of the expression with every evaluation. */
  | 'expression';

/** What a key keeps of each event in the window. */
export type Memory = 'event' | 'event and value' | 'event and what later steps read' | 'nothing';

export interface Operator {
  readonly name: Words;
  readonly says: Words;
  readonly argument: Argument;
  /** Null for the type of the argument. */
  readonly yields: FieldType | null;
  readonly nullable: boolean;
  /** In what the figure is counted, for authors. */
  readonly unit: string;
  /** Whether it makes one number of the events of a window, whatever order they are looked at in and from where. */
  readonly aggregate: boolean;
  /** Whether its figure is the same in whatever order the events of a pane came, so that a window may be in panes. */
  readonly paned: boolean;
  readonly work: Work;
  readonly memory: Memory;
  readonly example: OperatorExample;
}

/** A fragment of a model, and events that show what its figure does. */
export interface OperatorExample {
  readonly scope: 'subject' | 'device';
  /** What an indicator named `x` says, in flow style, or indented by four in block style. */
  readonly indicator: string;
  /** Further indicators that it reads, by name. */
  readonly beside?: { readonly [name: string]: string };
  /** A condition over `x` that a level may have. */
  readonly level: string;
  /** In order of time. */
  readonly events: readonly ExampleEvent[];
}

/** Something that happens, or the value looked at while nothing does. Offsets and data as tests of models write them. */
export type ExampleEvent =
  | { readonly at: string; readonly stream: StreamName; readonly data: string }
  | { readonly at: string; readonly stream: null };

/** Takes an event of an example down. */
export function happens(at: string, stream: StreamName, data: string): ExampleEvent {
  return { at, stream, data };
}

/** Looks at the value while nothing happens. */
export function later(at: string): ExampleEvent {
  return { at, stream: null };
}
