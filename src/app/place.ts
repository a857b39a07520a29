// Where a deployment is, as a command line says it.

/** On the servers of a file, or in a data folder. */
export type Place = { readonly config: string } | { readonly dataDir: string };
