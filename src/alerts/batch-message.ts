// The messages that stand for many: a batch that goes out together, the tasks of a draw, and what a cap holds back.
import type { Calendar } from '../catalogue/catalogue.js';
import { rank, type Level } from '../model/model.js';
import { deliveryId, type Covered, type PlannedDelivery } from './messages.js';
import { DRAWN_NAME, LEVEL_NAMES, localTime } from './wording.js';

/** What waits in a batch: enough to name it in the message that stands for all. */
export interface Held {
  readonly covered: Covered;
  readonly level: Level;
  readonly previous: Level;
  readonly message: string;
  /** Whether it says something beside the transitions of its warning; then none of those takes its place. */
  readonly isNotice?: true;
  /** Of a task that was drawn: what a list of such says of it. */
  readonly draw?: { readonly name: string; readonly others: readonly string[]; readonly due: string | null };
}

/** Messages that go out together. Instants are epoch ms. */
export interface Batch {
  readonly name: string;
  readonly channel: string;
  readonly due: number;
  /** The message itself, as long as it is the only one. */
  readonly only: PlannedDelivery | null;
  readonly held: readonly Held[];
}

/** Sentences that a message for many repeats. */
const SENTENCES_MAX = 10;
/** Tasks of a draw that a message names. */
const TASKS_NAMED_MAX = 30;
const IDS_MAX = 100;
/** How the batch of a cap begins, and the kind of the message that says so. */
export const CAPPED = 'cap';
const DRAW = 'draw ';

interface Place {
  readonly department: string;
  readonly serial: number;
  readonly at: number;
  readonly calendar: Calendar;
}

/** The message that stands for a batch; the message itself where it is alone. */
export function messageFor(
  { name, channel, only, held }: Batch,
  { department, serial, at }: Place,
): PlannedDelivery {
  if (only !== null) return { ...only, at };
  const covers = held.map(({ covered }) => covered);
  const isDraw = held.every(({ draw }) => draw !== undefined);
  const gravest = held.reduce<Level>(
    (level, one) => (rank(one.level) > rank(level) ? one.level : level),
    'none',
  );
  const sentences = held.flatMap(({ message }) => (message === '' ? [] : [message]));
  const rest = held.length - Math.min(SENTENCES_MAX, sentences.length);
  const tail = rest > 0 ? `等共 ${held.length} 条，详见系统。` : '';
  return {
    id: deliveryId(`${department} ${name}`, `batch ${serial}`, department, channel),
    warning: covers[0]?.warning ?? '',
    ordinal: 0,
    kind: 'batch',
    level: gravest,
    item: '',
    model: '',
    region: null,
    department,
    role: 'batch',
    channel,
    at,
    covers,
    body: {
      kind: 'batch',
      level: gravest,
      total: held.length,
      levels: countsOf(held),
      message: isDraw
        ? drawText(held)
        : `【合并推送】${countText(held)}。${sentences.slice(0, SENTENCES_MAX).join('')}${tail}`,
      warnings: covers.slice(0, IDS_MAX).map(({ warning }) => warning),
      department,
    },
  };
}

function countsOf(held: readonly Held[]): { [level: string]: number } {
  const counts: { [level: string]: number } = {};
  for (const { level } of held) counts[level] = (counts[level] ?? 0) + 1;
  return counts;
}

function countText(held: readonly Held[]): string {
  const counts = Object.entries(countsOf(held)) as [Level, number][];
  return counts
    .sort(([a], [b]) => rank(b) - rank(a))
    .map(([level, count]) => `${LEVEL_NAMES[level]} ${count} 条`)
    .join('，');
}

/** Says once an hour that the rest is held back. */
export function announcement(
  { department, channel }: PlannedDelivery,
  {
    serial,
    most,
    due,
    calendar,
    at,
  }: Omit<Place, 'department'> & { readonly most: number; readonly due: number },
): PlannedDelivery {
  const until = localTime(due, calendar.zone).slice(11, 16);
  return {
    id: deliveryId(department, `cap ${serial}`, department, channel),
    warning: '',
    ordinal: 0,
    kind: CAPPED,
    level: 'none',
    item: '',
    model: '',
    region: null,
    department,
    role: CAPPED,
    channel,
    at,
    covers: [],
    body: {
      kind: CAPPED,
      message: `【推送上限】本小时已推送 ${most} 条，其余暂缓至 ${until} 合并推送；红色预警不受限制，随到随推。`,
      department,
    },
  };
}

/** The batch in which the tasks of one draw go out; null for what no draw called for. */
export function drawBatch({ body, channel }: PlannedDelivery): string | null {
  const digest = drawOf(body)?.digest;
  return typeof digest === 'string' ? `${DRAW}${digest} ${channel}` : null;
}

/** Whether a batch is what a cap holds back: stored batches say so by how their names begin alone. */
export function isOfCap({ name }: Pick<Batch, 'name'>): boolean {
  return name.startsWith(CAPPED);
}

/** The name of a further batch of what the cap holds back on a channel. */
export function capBatch(channel: string, before: readonly Batch[]): string {
  const numbers = before.map(({ name }) => Number(name.slice(`${CAPPED} ${channel}`.length)) || 1);
  return before.length === 0 ? `${CAPPED} ${channel}` : `${CAPPED} ${channel} ${Math.max(...numbers) + 1}`;
}

export function isOfDraw(batch: string): boolean {
  return batch.startsWith(DRAW);
}

/** What a list of drawn tasks says of one: the subject, and who else inspects it. */
export function othersIn({ body, department }: PlannedDelivery): Pick<Held, 'draw'> {
  const draw = drawOf(body);
  if (draw === undefined) return {};
  const others = draw.departments.flatMap(({ id, name }) => (id === department ? [] : [name]));
  const own = (body['deadlines'] as readonly Deadline[] | undefined)?.find(
    (one) => one.kind === 'feedback' && one.department === department,
  );
  return { draw: { name: String(body['name']), others, due: own?.due ?? null } };
}

interface Deadline {
  readonly kind: string;
  readonly department: string;
  readonly due: string | null;
}

/** A draw as `messageOf` says it. */
function drawOf(body: PlannedDelivery['body']) {
  type Said = { readonly digest: string; readonly departments: readonly { id: string; name: string }[] };
  return body['draw'] as Said | undefined;
}

/** `店1（会同住建局）、店2（会同住建局、消防大队）`, and until when. */
function drawText(held: readonly Held[]): string {
  const tasks = held.flatMap(({ draw }) => draw ?? []);
  const named = tasks
    .slice(0, TASKS_NAMED_MAX)
    .map(({ name, others }) => `${name}（会同${others.join('、')}）`);
  const due = tasks[0]?.due ?? null;
  const by = due === null ? '' : `，于 ${due.slice(0, 16)} 前反馈`;
  const rest = tasks.length > named.length ? '等' : '';
  return `【${DRAWN_NAME}】抽中联合检查 ${tasks.length} 家。请逐件签收，各家一次上门查完各部门事项${by}：${named.join('、')}${rest}。`;
}
