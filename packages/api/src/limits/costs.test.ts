import { describe, expect, it } from 'vitest'
import { procedures } from '../testing/call.ts'
import { chargesOf, downloadCost, uploadCost } from './costs.ts'

const READ = [0.25, 0]
const CHANGE = [1, 0.1]
const STREAM = [0.25, 0]

/** What each procedure is meant to cost its caller and its organisation, so that the router alone cannot change it. */
const MEANT: Record<string, readonly number[]> = {
  'session.me': READ,
  'session.closedWorkspaces': READ,
  'collections.list': READ,
  'collections.create': CHANGE,
  'collections.update': CHANGE,
  'collections.delete': CHANGE,
  'collections.access': READ,
  'collections.grant': CHANGE,
  'collections.revokeGrant': CHANGE,
  'documents.list': READ,
  'documents.get': [0.05, 0],
  'documents.places': [0.05, 0],
  'documents.createMany': CHANGE,
  'documents.complete': [0.1, 0],
  'documents.retry': CHANGE,
  'documents.delete': CHANGE,
  'documents.version': READ,
  'documents.page': READ,
  'search.query': [0.5, 0.1],
  'search.facets': READ,
  'conversations.list': READ,
  'conversations.get': READ,
  'conversations.rename': CHANGE,
  'conversations.delete': CHANGE,
  'conversations.restore': CHANGE,
  'chat.send': [1, 1],
  'chat.continue': [1, 1],
  'chat.stream': STREAM,
  'chat.stop': [0.25, 0],
  'feedback.set': CHANGE,
  'keys.list': READ,
  'keys.create': CHANGE,
  'keys.revoke': CHANGE,
  'members.list': READ,
  'members.changeRole': CHANGE,
  'members.remove': CHANGE,
  'members.leave': CHANGE,
  'invitations.list': READ,
  'invitations.create': CHANGE,
  'invitations.revoke': CHANGE,
  'invitations.preview': READ,
  'invitations.accept': CHANGE,
  'organisation.rename': CHANGE,
  'organisation.delete': CHANGE,
  'organisation.restore': CHANGE,
  'organisation.switch': CHANGE,
  'organisation.usage': READ,
  'audit.list': READ,
  'jobs.list': READ,
  'jobs.get': READ,
  'jobs.overview': READ,
  'jobs.retry': CHANGE,
  'jobs.retryClass': CHANGE,
  'jobs.cancel': CHANGE,
  'jobs.setPriority': CHANGE,
  'operations.overview': READ,
  'operations.jobs': READ,
  'operations.job': READ,
  'operations.retry': CHANGE,
  'operations.retryClass': CHANGE,
  'operations.cancel': CHANGE,
  'operations.setPriority': CHANGE,
  'operations.workers': READ,
  'operations.processes': READ,
  'operations.figures': READ,
  'operations.pause': CHANGE,
  'operations.resume': CHANGE,
  'operations.cron': READ,
  'operations.runCron': CHANGE,
  'feed.stream': STREAM,
}

describe('a cost', () => {
  it('is meant for every procedure of the router, and for no other', () => {
    expect(Object.keys(MEANT).toSorted()).toEqual(
      procedures()
        .map(({ path }) => path)
        .toSorted(),
    )
  })

  it.each(procedures())('of $path is what is meant, whether its answers are kept or not', ({ path, charges }) => {
    const { before, onMiss } = charges
    expect([before.caller, before.organisation + onMiss]).toEqual(MEANT[path])
    // Nothing is for nothing: whoever calls pays before anything runs.
    expect(before.caller).toBeGreaterThan(0)
  })

  it('of a cached query is paid by the organisation only where it is computed', () => {
    const cost = { caller: 0.5, organisation: 0.1 }
    expect(chargesOf('query', { cost })).toEqual({ before: cost, onMiss: 0 })
    const cache = { ttl: 'search', scope: 'visibility', tags: ['index'] } as const
    expect(chargesOf('query', { cost, cache })).toEqual({ before: { caller: 0.5, organisation: 0 }, onMiss: 0.1 })
  })

  it('of bytes grows with them, and is never nothing', () => {
    const mebibyte = 1024 * 1024
    expect(uploadCost(0)).toEqual({ caller: 0.1, organisation: 0.01 })
    expect(uploadCost(100 * mebibyte)).toEqual({ caller: 12.5, organisation: 1.25 })
    expect(downloadCost(0)).toEqual({ caller: 0.05, organisation: 0 })
    expect(downloadCost(64 * mebibyte)).toEqual({ caller: 2, organisation: 0 })
  })
})
