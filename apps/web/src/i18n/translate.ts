import { en } from './messages/en.ts'

type Plural = { readonly one: string; readonly other: string }
type Catalogue = typeof en
export type MessageKey = keyof Catalogue

type Placeholders<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never
type Names<K extends MessageKey> = Catalogue[K] extends Plural
  ? 'count' | Placeholders<Catalogue[K]['one']> | Placeholders<Catalogue[K]['other']>
  : Placeholders<Catalogue[K]>
type Values<K extends MessageKey> = [Names<K>] extends [never] ? [] : [values: Record<Names<K>, string | number>]

/** The language of the catalogue, for dates, numbers, plural rules and the `lang` attribute. */
export const LOCALE = 'en-GB'

const plurals = new Intl.PluralRules(LOCALE)
const numbers = new Intl.NumberFormat(LOCALE)

/** The message of a key with its placeholders filled in; which placeholders a key needs is checked by the compiler. */
export const t = <K extends MessageKey>(key: K, ...[values]: Values<K>): string => {
  const entry: string | Plural = en[key]
  const given: Record<string, string | number> = values ?? {}
  const pattern =
    typeof entry === 'string' ? entry : entry[plurals.select(Number(given['count'])) === 'one' ? 'one' : 'other']
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = given[name]
    return typeof value === 'number' ? numbers.format(value) : (value ?? '')
  })
}
