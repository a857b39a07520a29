// What the parts of the check share: the environment, the faults found so far, the names read.
import type { Environment, ExpressionDiagnostic } from './expression.js';
import type { Code } from '../../events/codes.js';
import { diagnose, type FaultDetail, type Span } from './fault.js';
import { DYN, type StaticType } from './static-type.js';
import type { Syntax } from './syntax.js';
import { term, type Term } from './term.js';

export interface Reads {
  readonly event: Set<string>;
  readonly profile: Set<string>;
  readonly owner: Set<string>;
  readonly params: Set<string>;
  readonly indicators: Set<string>;
  readonly lists: Set<string>;
  readonly steps: Set<string>;
  now: boolean;
}

/** A variable of a macro. */
export interface Variable {
  readonly slot: number;
  readonly type: StaticType;
}

export class CheckContext {
  readonly faults: ExpressionDiagnostic[] = [];
  readonly reads: Reads = {
    event: new Set(),
    profile: new Set(),
    owner: new Set(),
    params: new Set(),
    indicators: new Set(),
    lists: new Set(),
    steps: new Set(),
    now: false,
  };
  /** In scope now, by name. */
  readonly variables = new Map<string, Variable>();
  macroDepth = 0;
  private slots = 0;

  constructor(
    readonly env: Environment,
    /** Checks a part whose value is needed as such: `now` and `since` are refused in it. */
    readonly check: (syntax: Syntax, context: CheckContext) => Term,
  ) {}

  nextSlot(): number {
    return this.slots++;
  }

  /** Notes a fault and yields a term that causes no further ones. */
  refuse(code: Code, message: string, span: Span, detail?: FaultDetail): Term {
    this.faults.push(diagnose(code, message, span, detail));
    return term({ op: 'literal', value: null }, span, DYN, { nullable: true });
  }
}
