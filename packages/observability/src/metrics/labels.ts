/**
 * Every label that a metric may have, and where its values come from: each a list that the code knows. A label with the
 * name, the id or the words of somebody would make a series per tenant, and tell the monitoring who they are.
 */
export const LABELS = {
  procedure:
    'the procedures of the API, and a few fixed names for what is none: page, asset, auth, upload, batch, other',
  outcome: 'how it went: ok, or a fixed word for what went wrong, such as the code of an error',
  statement: 'the verb of an SQL statement and its table or function, as they stand in the code',
  kind: 'kinds that the code names: of jobs, of tokens, of processes, of what is repaired',
  question: 'the names of what is kept in the cache',
  policy: 'the limits: address, user, organisation',
  decision: 'allowed or refused',
  state: 'states that the code names',
  stage: 'the stages of reading a document',
  name: 'what the clock does',
  quantile: 'a number from 0 to 1',
  index: 'PROCESS_INDEX, a number',
  build: 'the build that runs',
} as const

export type LabelName = keyof typeof LABELS
