/**
 * What a hundred calls are: a page asks who it is for and for the collections, and then for what it shows. Two of a
 * hundred change something. Most changes are in conversations, which nothing that is kept depends on; of forty, four
 * bring new files, which makes every list of the organisation another one, and one gives a collection another name,
 * which makes everything another one.
 */
const SHARES = { me: 15, collections: 13, list: 30, get: 15, facets: 5, search: 20, write: 2 }
const WRITES = { conversation: 35, file: 4, collection: 1 }
/** Pages of the list of documents, the most usual first. */
const VIEWS = [
  {},
  { state: 'searchable' },
  { mediaType: 'application/pdf' },
  { query: 'report' },
  { mediaType: 'text/markdown' },
  { state: 'failed' },
  { query: 'manual' },
  { query: '2026' },
]

/** Picks by Zipf's law: the n-th of a list 1/n times as often as the first. */
export const createZipf = (random) => {
  const sums = new Map()
  const sumsOf = (length) => {
    let sum = 0
    const made = sums.get(length) ?? Array.from({ length }, (_, i) => (sum += 1 / (i + 1)))
    sums.set(length, made)
    return made
  }
  return (list) => {
    const all = sumsOf(list.length)
    const at = random.next() * all.at(-1)
    return list[all.findIndex((sum) => sum >= at)]
  }
}

const byShare = (random, shares) => {
  let at = random.next() * Object.values(shares).reduce((sum, share) => sum + share, 0)
  return Object.keys(shares).find((name) => (at -= shares[name]) < 0)
}

/**
 * One call of somebody: who makes it and what it is.
 *
 * @param {import('@quarry/rag/seed').Random} random
 * @param {(list: readonly any[]) => any} zipf
 */
export const nextCall = (random, zipf, people) => {
  const person = zipf(people)
  const { collections, documents, questions, admin } = person.organisation
  const kind = byShare(random, SHARES)
  switch (kind) {
    case 'me':
      return { person, call: (api) => api.session.me() }
    case 'collections':
      return { person, call: (api) => api.collections.list() }
    case 'facets':
      return { person, call: (api) => api.search.facets() }
    case 'list': {
      // The whole list, or that of one collection.
      const collectionId = random.next() < 0.7 ? undefined : zipf(collections)
      const view = zipf(VIEWS)
      return { person, call: (api) => api.documents.list({ limit: 50, collectionId, ...view }) }
    }
    case 'get': {
      const id = zipf(documents)
      return { person, call: (api) => api.documents.get({ id }) }
    }
    case 'search': {
      const query = zipf(questions)
      return { person, call: (api) => api.search.query({ query }) }
    }
    case 'write':
    case undefined: {
      const what = byShare(random, WRITES)
      const conversation = person.conversations[0]
      if (what === 'conversation' && conversation !== undefined)
        return { person, call: (api) => api.conversations.rename({ id: conversation, title: crypto.randomUUID() }) }
      const asAdmin = { ...person, actor: admin, token: `session-${admin.id}` }
      if (what === 'collection')
        return {
          person: asAdmin,
          call: (api) => api.collections.update({ id: collections[0], name: crypto.randomUUID() }),
        }
      const files = [{ path: `new/${crypto.randomUUID()}.md`, sizeBytes: 1000 }]
      return { person: asAdmin, call: (api) => api.documents.createMany({ collectionId: collections[0], files }) }
    }
  }
}
