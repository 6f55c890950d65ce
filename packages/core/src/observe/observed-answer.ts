import type { Observability } from '@quarry/config'
import type { Timings, Usage } from '@quarry/contracts'
import { notedFields, requestContext, type Logger, type Metrics } from '@quarry/observability'
import type { ModelCallReport } from '@quarry/rag/answering'

interface AnswerObserved {
  readonly metrics: Metrics
  readonly logger: Logger
  readonly prices: Observability['tokenPrices']
  readonly model: string
}

const MILLION = 1_000_000

/** Measures each call of the model while an answer is written. Never with what it was asked or what it said. */
export const observeModelCalls =
  ({ metrics, prices, model }: Omit<AnswerObserved, 'logger'>) =>
  ({ startedAt, endedAt, inputTokens, outputTokens, outcome }: ModelCallReport): void => {
    metrics.modelCallSeconds.observe({ outcome }, (endedAt - startedAt) / 1000)
    metrics.tokens.inc({ kind: 'input' }, inputTokens)
    metrics.tokens.inc({ kind: 'output' }, outputTokens)
    if (prices !== null) {
      metrics.cost.inc({ kind: 'input' }, (inputTokens / MILLION) * prices.input)
      metrics.cost.inc({ kind: 'output' }, (outputTokens / MILLION) * prices.output)
    }
    requestContext()?.span?.record(
      `chat ${model}`,
      'client',
      { startedAt, endedAt },
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'quarry.configured',
        'gen_ai.request.model': model,
        'gen_ai.usage.input_tokens': inputTokens,
        'gen_ai.usage.output_tokens': outputTokens,
      },
      outcome === 'ok' ? undefined : outcome,
    )
  }

/** How an attempt at an answer went: `state` is how it is stored, or who has the rest of it. */
export interface AnswerEnd {
  readonly state: string
  readonly failure: string | null
  readonly usage?: Usage
  readonly timings?: Timings
}

/** One line and its measures, at the end of an answer or of this process's part of it. */
export const observeAnswerEnd = (
  { metrics, logger, model }: Omit<AnswerObserved, 'prices'>,
  runId: string,
  { state, failure, usage, timings }: AnswerEnd,
): void => {
  const context = requestContext()
  if (timings) {
    metrics.answerSeconds.observe({ outcome: failure ?? state }, timings.totalMs / 1000)
    if (timings.firstTokenMs !== null) metrics.firstTokenSeconds.observe({}, timings.firstTokenMs / 1000)
  }
  const isFault = state === 'failed' || state === 'interrupted'
  logger[isFault ? 'warn' : 'info'](
    {
      ...{ runId, model, outcome: state },
      ...(failure !== null && { failure }),
      ...(timings && { ms: timings.totalMs, firstTokenMs: timings.firstTokenMs }),
      ...(usage && { steps: usage.steps, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens }),
      ...(context?.notes && notedFields(context.notes)),
    },
    'answer',
  )
  context?.span?.end(isFault ? (failure ?? state) : undefined)
}
