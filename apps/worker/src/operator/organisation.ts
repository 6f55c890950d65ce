import { nearest } from '@quarry/contracts'
import { TransferRefusal, type Organisation } from '@quarry/core/operator'

/** Organisations named to somebody who has to choose: more would not be read. */
const MOST_NAMES = 5

/** The organisation with this id or, where only one has it, this name. Throws TransferRefusal. */
export const findOrganisation = (all: readonly Organisation[], wanted: string): Organisation => {
  const byId = all.find(({ id }) => id === wanted.toLowerCase())
  if (byId !== undefined) return byId
  const named = all.filter(({ name }) => name === wanted)
  if (named.length === 1 && named[0] !== undefined) return named[0]
  if (named.length > 1)
    throw new TransferRefusal(
      `${named.length} organisations are called ${wanted}. Give the id: ${few(named.map(({ id }) => id))}.`,
    )
  const names = [...new Set(all.map(({ name }) => name))]
  const guess = nearest(wanted, names)
  const hint = guess === null ? `There are: ${few(names)}.` : `Did you mean ${guess}?`
  throw new TransferRefusal(
    all.length === 0 ? 'There is no organisation yet.' : `There is no organisation ${wanted}. ${hint}`,
  )
}

const few = (words: readonly string[]): string =>
  [...words.slice(0, MOST_NAMES), ...(words.length > MOST_NAMES ? ['…'] : [])].join(', ')

/** How an organisation is called, also one that is gone. */
export const nameOf = (all: readonly Organisation[], id: string): string | null =>
  all.find((one) => one.id === id)?.name ?? null

export const titleOf = ({ id, organisation }: { id: string; organisation: string | null }): string =>
  `${organisation ?? 'an organisation that is gone'} (${id})`
