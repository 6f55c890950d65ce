import { readAdapters, endpointIdentity } from '../../packages/config/src/index.ts'
import { SEED_EMBEDDING } from '../../packages/rag/src/seed/index.ts'
import { startChild } from './child.mjs'
import { startCluster } from './cluster.mjs'
import { raiseLimits, seedOrganisations, signIn } from './people.mjs'

/** As `quarry db seed` makes vectors, so that texts of the seed are found by meaning without being embedded again. */
const EMBEDDING_MODEL = 'mock-ttft5-seed'
/** A person's machine waits for nothing of what is measured; this one's does. */
const KEY = 'no key, a double'

/** A cluster that somebody else has started, and may run elsewhere. */
const runningCluster = (url, env) => {
  for (const name of ['DATABASE_URL', 'DATABASE_OWNER_URL', 'AUTH_SECRET'])
    if (!env[name]) throw new Error(`--url needs ${name} of the cluster that runs there.`)
  return {
    ...{ url, authSecret: env.AUTH_SECRET, adapter: readAdapters({ ...env, QUARRY_DATA: '.quarry' }).database },
    processes: () => JSON.parse(env.LOAD_PROCESSES ?? '[]'),
    metrics: () => JSON.parse(env.LOAD_METRICS ?? '[]'),
    stop: async () => {},
  }
}

/**
 * Cluster, provider's double, organisations and people of the test. The caller stops it.
 *
 * @param {ReturnType<typeof import('./options.mjs').readOptions> & {}} options
 * @param {(line: string) => void} say
 */
export const startScene = async (options, say) => {
  const { model, mix, url, sizes, thinkMs } = options
  const started = []
  const stop = async () => {
    for (const part of started.toReversed()) await part.stop()
  }
  try {
    const provider = startChild('provider.mjs')
    started.push(provider)
    const { port } = await provider.next()
    const baseUrl = `http://127.0.0.1:${port}/v1`
    const embedding = { kind: 'openai-compatible', baseUrl, apiKey: KEY, model: EMBEDDING_MODEL, weight: null }
    const env = {
      ...{ LLM_BASE_URL: baseUrl, LLM_API_KEY: KEY, LLM_MODEL: model },
      ...{ EMBEDDING_BASE_URL: baseUrl, EMBEDDING_API_KEY: KEY, EMBEDDING_MODEL },
    }
    const cluster = url === undefined ? await startCluster({ ...options, env, say }) : runningCluster(url, process.env)
    started.push(cluster)
    const { adapter, authSecret } = cluster
    const organisations = await seedOrganisations({
      ...{ adapter, sizes, say },
      embedding: endpointIdentity(embedding, SEED_EMBEDDING.dimension).id,
    })
    await raiseLimits(adapter, organisations)
    const count = Math.max(...options.stages) * (options.overload ?? 1)
    const { people, organisations: own } = await signIn({ adapter, organisations, authSecret, url: cluster.url, count })
    say(`${people.length} people and programs at ${cluster.url}`)
    const generator = startChild('generator.mjs')
    started.push(generator)
    const ready = generator.next()
    await generator.ask({ url: cluster.url, people, organisations: own, thinkMs, mix })
    await ready
    return {
      ...{ cluster, generator, stop },
      processes: () => [
        ...cluster.processes(),
        { name: 'provider', pid: provider.pid },
        { name: 'generator', pid: generator.pid },
        // Everything else was started by it.
        { name: 'watcher', pid: process.pid, alone: true },
      ],
      /** What the double has answered. */
      provided: async () => (await fetch(`http://127.0.0.1:${port}/stats`)).json(),
    }
  } catch (error) {
    await stop()
    throw error
  }
}
