// What a verification finds: where evidence is broken, what was expected there, and what that means.
import type { Code } from '../events/codes.js';

/** The place of a fault: in a chain, at a seal, or elsewhere in the bundle. */
export interface Place {
  readonly chain?: string;
  readonly sequence?: number;
  /** Number of a seal. */
  readonly seal?: number;
  /** Where it is none of these: the part of the bundle or of the holder's file. */
  readonly part?: string;
}

export interface Fault extends Place {
  readonly code: Code;
  readonly expected: string;
  readonly found: string;
  /** In a sentence, for officials. */
  readonly meaning: string;
}

export const MEANINGS = {
  RECORD_CHANGED: '这条记录的内容或者链接被改动过，与当时固化的不一致。',
  RECORD_MISSING: '证据链上有记录没有出示：预警或者监管对象的记录被抽掉了。',
  RECORD_FOREIGN: '这条记录不属于本证据包所指的预警或者监管对象。',
  CHAIN_BROKEN: '从记录到封印的链条对不上：链上有记录被改动、抽掉、截断，或者整条链被重算过。',
  SEAL_SIGNATURE: '封印的内容与签名不符：封印被改动过。',
  SEAL_STRANGER: '封印不是用核验人信任的密钥签的：可能整条链被重算后另行签名。',
  SEAL_DIFFERS: '封印与外部保管方所存的不一致：签封之后历史被改写过，或者拿来比对的不是同一系统的封印。',
  SEAL_CHAIN: '封印之间前后不衔接：中间有封印被抽掉或者改写。',
  INDEX_BROKEN: '不能证明记录齐全：索引与封印对不上。',
  RULES_DIFFER: '所附规则文本不是当时运行的规则。',
  BUNDLE_FORMAT: '文件不是本版本认识的证据包，或者缺少内容。',
  SEALS_FORMAT: '保管方文件中没有可以比对的封印。',
} as const satisfies { readonly [code in Code]?: string };

/** Thrown at the first fault, and caught where the verification began. */
export class FaultFound extends Error {
  constructor(readonly fault: Fault) {
    super(fault.code);
    this.name = 'FaultFound';
  }
}

/** @throws FaultFound always */
export function fail(
  code: keyof typeof MEANINGS,
  place: Place,
  expected: string | number,
  found: string | number,
): never {
  const fault = { code, ...place, expected: String(expected), found: String(found), meaning: MEANINGS[code] };
  throw new FaultFound(fault);
}

/** @throws FaultFound where two values are not the same */
export function expectSame(
  code: keyof typeof MEANINGS,
  place: Place,
  expected: string | number,
  found: string | number,
): void {
  if (expected !== found) fail(code, place, expected, found);
}
