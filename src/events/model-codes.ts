// The part of the catalogue of codes that is about models and the tests beside them.

/** What is wrong with a model or its tests; each names its line and column. */
export const MODEL_CODES = {
  MODEL_MISSING_KEY: 'A required key is missing in the model.',
  MODEL_UNKNOWN_KEY: 'The model language does not know this key; see the nearest one.',
  MODEL_VALUE: 'A value in the model has another form than expected.',
  MODEL_UNKNOWN_NAME: 'The model names something that is nowhere defined; see the nearest name.',
  MODEL_NOT_YET: 'Known to the model language, not available in this version.',
  MODEL_PATH: 'The name of a model is its path under rules/ without extension.',
  MODEL_QUOTE:
    'Expressions stand in single quotes or as block scalars; see the corrected line, or run fenghuo fmt.',
  MODEL_OPERATOR: 'An indicator has exactly one operator, with the keys that belong to it.',
  MODEL_STREAM_SCOPE: 'A model of this scope cannot read this stream.',
  MODEL_PARAM:
    'A parameter has values of one type, by a text field of the profile, for values that it may have.',
  MODEL_CYCLE: 'Indicators depend on each other in a circle.',
  MODEL_WARNING_UNHEARD:
    'A model that reads warnings itself is heard only by who names all the models that it hears.',
  MODEL_WARNING_CYCLE: 'Models wait for the warnings of each other in a circle.',
  MODEL_DELAY: 'The window is short for how late this stream usually arrives; count by arrival, or widen it.',
  MODEL_HIGH_RATE:
    'A window over a stream of many events holds more of them than it may; divide it into panes.',
  MODEL_PLAN_LEVEL: 'The response plan says nothing for a level that the model can raise.',
  MODEL_NO_PLAN: 'The model names no response plan, so nobody is told what to do by when.',
  MODEL_LEVEL_UNREACHABLE: 'A level can never be shown, or its condition never changes; see the message.',
  MODEL_SCORE: 'A line of the score is not as it should be; see the message.',
  MODEL_SCORE_WEIGHTS: 'The weights of the score do not sum to 100.',
  MODEL_UNUSED: 'A parameter or the score is read nowhere; remove it, or use it.',
  TEST_MISSING_KEY: 'A required key is missing in the tests of a model.',
  TEST_UNKNOWN_KEY: 'Tests of models do not know this key; see the nearest one.',
  TEST_VALUE: 'A value in the tests of a model has another form than expected.',
  TEST_UNKNOWN_NAME: 'The test names something that is nowhere defined; see the nearest name.',
  TEST_LEVEL_UNREACHED: 'No case of the tests reaches a level of the model; add one that does.',
  TEST_ROUTE_UNREACHED: 'No case of the tests of routes is decided by a rule; add one that is.',
  TEST_MISSING: 'The model, or the routes, have no tests; add <name>.test.yaml beside the file.',
  TEST_BRANCH_UNREACHED:
    'No case takes a branch of a condition, or a line of the score; add one in which it is what holds.',
  TEST_NO_WARNING: 'No case of the tests expects a warning of the model; add one that does.',
  TEST_NO_SILENCE: 'In no case of the tests the model stays silent; add one with expect: [].',
} as const;
