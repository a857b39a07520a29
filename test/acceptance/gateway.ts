// The rules of the project with a channel for one department: a gateway that tests play themselves.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './program.js';

/** What a process needs that reaches the gateway. */
export const GATEWAY_SECRET = { TEST_GATEWAY_SECRET: 'a secret of thirty-two characters' };

/** A folder with the rules, and a channel `gateway` for one of their departments. @param dirs gets it, to be removed */
export function gatewayFiles(url: string, dirs: string[]): { rules: string; channels: string } {
  const dir = mkdtempSync(join(tmpdir(), 'fenghuo-gateway-'));
  dirs.push(dir);
  const rules = join(dir, 'rules');
  cpSync(join(ROOT, 'rules'), rules, { recursive: true });
  const path = join(rules, 'catalogue/departments.yaml');
  const before = 'market-regulation: { name: 市场监督管理局,';
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(before);
  writeFileSync(path, text.replace(before, `${before} channels: [gateway],`));
  const channels = join(dir, 'channels.yaml');
  writeFileSync(
    channels,
    `channels:
  gateway:
    kind: webhook
    receivers: { default: { url: '${url}/alerts', secret: 'env:TEST_GATEWAY_SECRET' } }
    allow_http: true
    allow_addresses: [127.0.0.0/8]
`,
  );
  return { rules, channels };
}
