import { startCluster, sweepClusters } from './postgres-cluster.mjs'
import { dockerAnswers, startContainer } from './postgres-docker.mjs'
import { preparePostgresBinaries } from '../services/postgres-installation.mjs'

/**
 * A PostgreSQL with pgvector for the tests: the one that TEST_DATABASE_URL names, else a container, else the installed
 * binaries, else apt's. The caller stops it.
 *
 * @param {(message: string) => void} say where long steps are announced
 * @param {Record<string, string>} [settings] of the installed binaries' server, in place of those of the tests
 * @returns {Promise<{ url: string, source: string, folder?: string, stop: () => Promise<void> }>}
 * @throws an Error whose message says what to install
 */
export const startPostgres = async (say, settings) => {
  const given = process.env.TEST_DATABASE_URL
  if (given !== undefined && given !== '') return { url: given, source: 'TEST_DATABASE_URL', stop: async () => {} }
  await sweepClusters()
  if (await dockerAnswers()) {
    try {
      return { ...(await startContainer()), source: 'a container' }
    } catch (error) {
      say(`Docker answers, but its PostgreSQL did not start: ${error.message.split('\n')[0]}`)
    }
  }
  const installation = await preparePostgresBinaries(say)
  return { ...(await startCluster(installation, settings)), source: `PostgreSQL ${installation.version}` }
}
