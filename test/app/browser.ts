// A browser without scripts, as far as forms and cookies go.
import { ask, type Answer } from '../adapters/http/opened.js';

export class Browser {
  /** The cookie as it goes out. */
  cookie: string | null = null;
  /** The header that set it. */
  setCookie: string | null = null;
  private csrf = '';

  constructor(
    readonly url: string,
    private readonly headers: { readonly [name: string]: string } = {},
  ) {}

  async get(path: string): Promise<Answer> {
    const answer = await ask(this.url, path, { headers: this.sent() });
    this.hear(answer);
    return answer;
  }

  /** Sends a form with the token that the last page had, and with an Origin, as browsers do. */
  async post(
    path: string,
    fields: { readonly [name: string]: string | readonly string[] },
    headers: { readonly [name: string]: string } = {},
  ): Promise<Answer> {
    const form = new URLSearchParams({ csrf: this.csrf });
    for (const [name, value] of Object.entries(fields)) {
      form.delete(name);
      for (const one of [value].flat()) form.append(name, one);
    }
    const answer = await ask(this.url, path, {
      body: form.toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(this.url).origin,
        ...this.sent(),
        ...headers,
      },
    });
    this.hear(answer);
    return answer;
  }

  /** Logs in, and looks at the list once. */
  async logIn(token: string): Promise<Answer> {
    const answer = await this.post('/login', { token });
    await this.get('/warnings');
    return answer;
  }

  private sent(): { [name: string]: string } {
    return { ...this.headers, ...(this.cookie === null ? {} : { cookie: this.cookie }) };
  }

  private hear({ headers, text }: Answer): void {
    for (const header of headers['set-cookie'] ?? []) {
      this.setCookie = header;
      const [pair = ''] = header.split(';');
      this.cookie = pair.endsWith('=') ? null : pair;
    }
    this.csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? this.csrf;
  }
}
