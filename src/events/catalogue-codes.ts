// The part of the catalogue of codes that is about files of rules as such, the catalogue in them, and its routes.

/** What is wrong with a file of rules; each names its line and column. */
export const CATALOGUE_CODES = {
  YAML_SYNTAX: 'The file is not YAML 1.2; see the place named.',
  YAML_DUPLICATE_KEY: 'A key stands twice in one map; keep one of them.',
  YAML_LIMIT: 'The file is too large or too deeply nested; split it.',
  YAML_FEATURE:
    'The file uses a part of YAML that rules do not need: tags, several documents, keys that are not text.',
  RULES_FILE_NAME: 'The file is not where rules look for one; see the name expected.',
  RULES_COST:
    'One event could cause more work than it may; use fewer models over its stream, or cheaper expressions.',
  RULES_LIMIT: 'There are more files than one set of rules may have.',
  CATALOGUE_MISSING_FILE: 'A file of the catalogue is missing; add it under rules/catalogue.',
  CATALOGUE_MISSING_KEY: 'A required key is missing in the catalogue.',
  CATALOGUE_UNKNOWN_KEY: 'The catalogue does not know this key; see the nearest one.',
  CATALOGUE_VALUE: 'A value in the catalogue has another form than expected.',
  CATALOGUE_DEPARTMENT_UNKNOWN: 'The catalogue names a department that does not exist; see the nearest one.',
  CATALOGUE_REGION_UNKNOWN: 'The catalogue names a region that regions.yaml does not have; add it there.',
  CATALOGUE_NO_BASIS: 'An item has no legal basis; name law, article and the day since when it is in force.',
  CATALOGUE_OFFICE: 'An office belongs to a department, and not to another office.',
  CATALOGUE_OFFICES_ALIKE:
    'Two offices of a department would take the same warnings; give them levels or regions of their own.',
  CATALOGUE_DAY_TWICE: 'A day is under both holidays and workdays; keep one of them.',
  CATALOGUE_CYCLE: 'A department is a superior of itself.',
  CATALOGUE_BASIS_EXPIRED: 'An item has no legal basis in force; name the law that replaced it.',
  CATALOGUE_ITEM_UNWATCHED: 'No model watches over an item; write one, or leave the item to inspections.',
  CATALOGUE_PLAN_UNUSED: 'No model has the plan; name it in one, or remove it.',
  CATALOGUE_PLAN_TERMS: 'In a plan signing comes before feedback, and feedback before closing.',
  CATALOGUE_PLAN_LENIENT: 'A plan leaves more time for a graver level than for a lesser one.',
  CATALOGUE_LIST_UNUSED: 'No model looks in the list; use it, or remove it.',
  CATALOGUE_LIST_EMPTY: 'A list has no value, so nothing is ever in it.',
  CATALOGUE_LIST_TWICE: 'A value is in a list twice; keep it once.',
  CATALOGUE_RETENTION:
    'Events would be let go before models are done with them; keep them longer, or narrow the windows.',
  CATALOGUE_EVALUATION: 'evaluation.yaml names no model that can evaluate credit.',
  ROUTE_ITEM_UNKNOWN: 'A rule of routes.yaml names an item or a domain that items.yaml does not have.',
  ROUTE_MODEL_UNKNOWN: 'A rule of routes.yaml names a model that does not exist; see the nearest one.',
  ROUTE_NAME_TWICE: 'Two rules of routes.yaml have one name; give each its own.',
  ROUTE_BACKUP_CYCLE: 'A channel is, through its backups, a backup of itself.',
  ROUTE_GAP:
    'Some warnings have no department that leads; add an office, widen one, or add a rule to routes.yaml.',
  ROUTE_NEVER: 'A rule of routes.yaml never decides anything; move it up, or remove it.',
  ROUTE_UNREACHED: 'No route, fallback or urging ever reaches a department; name it somewhere, or remove it.',
} as const;
