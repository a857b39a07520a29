// A small body of JSON, by the schema of its path.
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { BodyText } from '../../events/body.js';
import { checkBodyHeaders, type BodyLimits } from './body.js';
import { readNothing, type Query } from './parameters.js';
import { Refusal } from './refusal.js';

/** Reads a body. @throws Refusal 400 where it is no JSON, or does not fit; the field is named, its value is not */
export function readJson<S extends z.ZodType>(text: BodyText, schema: S): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(typeof text === 'string' ? text : text.join(''));
  } catch {
    throw new Refusal(400, 'BODY_NOT_JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  throw new Refusal(400, 'HTTP_BODY', `${place}: ${issue?.message ?? 'not as expected'}`);
}

/**
 * What is checked before a body is read: that nothing is asked for beside it, and that its headers are those of a JSON
 * body within the limits.
 * @param isCleared whether it may be compressed
 */
export function checkJsonHeaders(
  limits: BodyLimits,
  { body }: { readonly body: object },
  isCleared = false,
): (request: FastifyRequest) => void {
  const types = Object.keys(body);
  return (request) => {
    readNothing(request.query as Query);
    const refusal = checkBodyHeaders(request.raw, limits, types, isCleared);
    if (refusal !== undefined) throw refusal;
  };
}
