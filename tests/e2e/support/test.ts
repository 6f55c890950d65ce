import { test as base, expect } from '@playwright/test'
import { startLlmDouble, type LlmDouble } from '../../fixtures/llm-double/index.ts'
import { startProduct, type Product } from '../../fixtures/product/index.ts'
import { scriptedReply } from './scripted-model.ts'
import { watch, type Watch } from './watched-context.ts'

export { expect }

interface Fixtures {
  /** Watches the test's own context; the test fails on any console error, exception or foreign request. */
  readonly watched: Watch
}

/** Against the product that the run has started, with its built-in answerer. */
export const test = base.extend<Fixtures>({
  watched: [
    async ({ context, baseURL }, use) => {
      const watched = watch(context, new URL(baseURL ?? '').origin)
      await use(watched)
      watched.verify()
    },
    { auto: true },
  ],
})

interface ScriptedProduct {
  readonly product: Product
  readonly model: LlmDouble
}

/** 15 ms between words: a test can act in the middle of a long answer, and need not wait for a short one. */
const MODEL = 'mock-itl15'

/** Against a second product, whose answers come from the scripted model over the real protocol. */
export const scriptedTest = test.extend<object, { readonly scripted: ScriptedProduct }>({
  scripted: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      const model = await startLlmDouble({ reply: scriptedReply })
      const product = await startProduct({
        env: { LLM_BASE_URL: model.baseUrl, LLM_API_KEY: 'only-for-the-double', LLM_MODEL: MODEL },
      })
      await use({ product, model })
      await product.stop()
      await model.close()
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  baseURL: ({ scripted }, use) => use(scripted.product.url),
})
