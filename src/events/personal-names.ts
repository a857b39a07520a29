// Which field names announce personal values: the declared ones, and the usual names of fields nobody declared.
import { STREAMS } from './event.js';
import { personalKindOf, STREAM_SHAPES } from './streams.js';
import type { PersonalKind } from './streams/field.js';

/** Tried in this order: a complainant's ID card is an ID, not a name. */
const LATIN: readonly (readonly [PersonalKind, RegExp])[] = [
  [
    'id',
    /(?:^|_)(?:id_?cards?|identity(?:_?card)?|passport|(?:national|citizen|resident)_?id|id_?(?:no|num|number)|sfzh?|zjhm)(?:_?(?:no|num|number))?(?:_|$)/,
  ],
  [
    'phone',
    /(?:^|_)(?:(?:cell|hand|mobile)?_?phones?|telephones?|tel|mobiles?|sjhm?|lxdh)(?:_?(?:no|num|number)s?)?(?:_|$)/,
  ],
  ['contact', /(?:^|_)(?:e_?mail|wechat|weixin|qq)(?:_|$)/],
  [
    'name',
    /^(?:(?:real|full|contact|customer|patient|owner|operator|driver|user)_?name|contact(?:_?person)?|legal_?person|reporter|informant|applicant|victim|guardian|person_?in_?charge)s?(?:_name)?$/,
  ],
];

const CHINESE: readonly (readonly [PersonalKind, RegExp])[] = [
  ['id', /身份证|证件号|护照/],
  ['phone', /(?:手机|电话|座机)(?:号|号码)?$|联系方式$/],
  ['contact', /(?:邮箱|微信|微信号|QQ|QQ号)$/],
  ['name', /姓名|(?:联系人|投诉人|举报人|法定代表人|法人代表|负责人|当事人)$/],
];

/** A field that one stream declares as personal is so, undeclared, in every other. */
const DECLARED: ReadonlyMap<string, PersonalKind> = new Map(
  STREAMS.flatMap((stream) =>
    Object.keys(STREAM_SHAPES[stream]).flatMap((name) => {
      const kind = personalKindOf(stream, name);
      return kind === undefined ? [] : [[name, kind] as const];
    }),
  ),
);

/** What names announce that were asked for; further ones are judged each time. */
const ANNOUNCED = new Map<string, PersonalKind | undefined>();
const ANNOUNCED_MAX = 2_000;

/** The kind of personal value that an undeclared field's name announces, or undefined. */
export function announcedKind(name: string): PersonalKind | undefined {
  const known = ANNOUNCED.get(name);
  if (known !== undefined || ANNOUNCED.has(name)) return known;
  const kind = kindOf(name);
  if (ANNOUNCED.size < ANNOUNCED_MAX) ANNOUNCED.set(name, kind);
  return kind;
}

function kindOf(name: string): PersonalKind | undefined {
  const plain = name
    .normalize('NFKC')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
  const declared = DECLARED.get(plain);
  if (declared !== undefined) return declared;
  for (const [kind, pattern] of LATIN) if (pattern.test(plain)) return kind;
  for (const [kind, pattern] of CHINESE) if (pattern.test(name)) return kind;
  return undefined;
}
