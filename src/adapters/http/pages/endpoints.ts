// The pages among the paths of the front.
import { z } from 'zod';
import { WITHHELD_REASONS } from '../../../events/withheld.js';
import { DEPARTMENT_ID, FORM_TYPE, PAGE_TYPE, type Answered, type Endpoint } from '../endpoints.js';

const page = (says: string): Answered => ({ says, type: PAGE_TYPE });
const sent: Answered = { says: 'It was done; Location names the page that shows it.', type: null };
const toLogin: Answered = {
  says: 'Nobody is logged in; Location names the page that asks for a token.',
  type: null,
};
const csrf = z.string().describe('the hidden field of the form');

export const PAGES = {
  home: {
    method: 'GET',
    path: '/',
    page: true,
    says: 'Leads to the list of warnings.',
    right: null,
    caughtUp: false,
    answers: { 303: sent },
    refusals: {},
  },
  list: {
    method: 'GET',
    path: '/warnings',
    page: true,
    says: 'Page: the warnings that the visitor may read.',
    right: 'read-warnings',
    caughtUp: true,
    query: z.object({
      department: z.union([z.literal(''), z.string().regex(DEPARTMENT_ID)]).optional(),
      offset: z.int().min(0).max(1_000_000).default(0),
    }),
    answers: { 200: page('The list.'), 303: toLogin },
    refusals: { 400: ['HTTP_PARAMETER'] },
  },
  queue: {
    method: 'GET',
    path: '/queue',
    page: true,
    says: 'Page: the open warnings of a department, ranked.',
    right: 'read-warnings',
    caughtUp: true,
    query: z.object({
      department: z.union([z.literal(''), z.string().regex(DEPARTMENT_ID)]).optional(),
      offset: z.int().min(0).max(1_000_000).default(0),
    }),
    answers: { 200: page('The queue.'), 303: toLogin },
    refusals: { 400: ['HTTP_PARAMETER'], 404: ['HTTP_NOT_FOUND'] },
  },
  warning: {
    method: 'GET',
    path: '/warnings/{id}',
    page: true,
    says: 'Page: one warning, its evidence, what was done, and forms for what the visitor may do.',
    right: 'read-warnings',
    caughtUp: true,
    answers: { 200: page('The warning.'), 303: toLogin },
    refusals: { 400: ['HTTP_PARAMETER'], 404: ['HTTP_NOT_FOUND'] },
  },
  act: {
    method: 'POST',
    path: '/warnings/{id}',
    page: true,
    says: 'Page: takes the action of a form.',
    right: 'act',
    caughtUp: true,
    body: { [FORM_TYPE]: z.looseObject({ csrf, key: z.string(), type: z.string() }) },
    answers: {
      303: sent,
      403: page('This account may not do that.'),
      409: page('The state of the warning does not allow it.'),
      422: page('The form again, with what does not fit.'),
    },
    refusals: {
      403: ['HTTP_FORM'],
      404: ['HTTP_NOT_FOUND'],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE'],
    },
  },
  withheld: {
    method: 'GET',
    path: '/withheld',
    page: true,
    says: 'Page: what departments were not told at once, and why, of what the visitor may read.',
    right: 'read-warnings',
    caughtUp: true,
    query: z.object({
      reason: z.enum(['', ...WITHHELD_REASONS]).optional(),
      before: z.string().optional(),
    }),
    answers: { 200: page('A part of the list.'), 303: toLogin },
    refusals: { 400: ['HTTP_PARAMETER'] },
  },
  login: {
    method: 'GET',
    path: '/login',
    page: true,
    says: 'Page: asks for a token.',
    right: null,
    caughtUp: false,
    query: z.object({ next: z.string().max(200).optional() }),
    answers: { 200: page('The form.'), 303: sent },
    refusals: { 400: ['HTTP_PARAMETER'] },
  },
  enter: {
    method: 'POST',
    path: '/login',
    page: true,
    says: 'Page: takes a token and gives a cookie for twelve hours.',
    right: null,
    caughtUp: true,
    body: { [FORM_TYPE]: z.object({ token: z.string(), next: z.string().optional() }) },
    answers: { 303: sent, 401: page('The form again: the token is not valid.') },
    refusals: { 413: ['BODY_TOO_LARGE'], 415: ['HTTP_CONTENT_TYPE'] },
  },
  leave: {
    method: 'POST',
    path: '/logout',
    page: true,
    says: 'Page: forgets the login.',
    right: null,
    caughtUp: false,
    body: { [FORM_TYPE]: z.object({ csrf }) },
    answers: { 303: sent },
    refusals: { 403: ['HTTP_FORM'], 413: ['BODY_TOO_LARGE'], 415: ['HTTP_CONTENT_TYPE'] },
  },
  choose: {
    method: 'POST',
    path: '/acting',
    page: true,
    says: 'Page: chooses the department to act for, where this machine asks for no tokens.',
    right: null,
    caughtUp: true,
    body: { [FORM_TYPE]: z.object({ csrf, department: z.string() }) },
    answers: { 303: sent },
    refusals: { 403: ['HTTP_FORM'], 413: ['BODY_TOO_LARGE'], 415: ['HTTP_CONTENT_TYPE'] },
  },
} as const satisfies { readonly [name: string]: Endpoint };
