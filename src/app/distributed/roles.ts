// What a process of a deployment on servers does.

export const ROLES = ['ingest', 'evaluate', 'alert', 'archive', 'http'] as const;
export type ProcessRole = (typeof ROLES)[number];
