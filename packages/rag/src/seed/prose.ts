import { COINED, coinedName, firstName } from './coined-names.ts'
import type { Random } from './random.ts'
import {
  ADJECTIVES,
  GERMAN_MONTHS,
  GERMAN_TIMES,
  GERMAN_UNITS,
  GERMAN_VERBS,
  MONTHS,
  TIMES,
  UNITS,
  VERBS,
  type Domain,
} from './vocabulary.ts'

export type ProseLanguage = 'english' | 'german'

/** What a document is about, so that its sentences hang together. */
export interface Subject {
  readonly language: ProseLanguage
  readonly domain: Domain
  /** Its nouns, the document's own favourites first. */
  readonly nouns: readonly string[]
  readonly product: string
  readonly place: string
  readonly person: string
  /** Where an organisation begins in the long list of coined names: organisations share few of them. */
  readonly names: number
}

/** `{…}` are slots, filled by SLOTS. */
const SENTENCES: Readonly<Record<ProseLanguage, readonly string[]>> = {
  english: [
    'The {a} {n} of the {product} has to be {v}ed every {num} {time}.',
    '{person} decides whether the {n} is kept or a {a} {n2} is used instead.',
    'In {place}, {num} {n}s were found with a {a} {n2}.',
    'Before anybody can {v} the {n}, the {n2} is locked and form {code} is signed.',
    'A {n} that is older than {num} {time} counts as {a}.',
    'Since {date} the {product} comes with a {a} {n} and {num} {n2}s.',
    'Whoever notices a {a} {n} tells {person2} on the same day.',
    'The limit for each {n} is {num} {unit}, and {num2} {unit} where the {n2} is {a}.',
    'This does not hold for the {n}s in {place2}, which {person} looks after.',
    'According to report {code}, the {n2} was {a} when the {n} failed on {date}.',
    'Nobody may {v} a {n} without the consent of {person2}.',
    'If the {n} cannot be {v}ed, the {n2} from {place} is sent within {num} {time}.',
    'Our partner {name} delivers the {n}s, while the {n2}s come from {place2}.',
    'Only {num} of {num2} {n}s passed; the {a} ones went back to {name}.',
    'Costs of the {n} are booked under {code} until {date}.',
    'The {product} replaced an earlier model in {place2}, where the {n2} had worn out.',
    'Every {n2} carries the number {code} and the name of whoever last {v}ed it.',
    'Between {date} and the next audit, the {n} stays with {person}.',
  ],
  german: [
    'Nach {num} {time} wird {n} in {place} {v}, und {n2} ebenfalls.',
    '{person} entscheidet, ob {n} weiter verwendet werden darf.',
    'Am {date} wurde festgestellt, dass {n} beim {product} nicht mehr {v} war.',
    'Solange {n} nicht {v} ist, darf {n2} auch nicht benutzt werden.',
    'Im Bericht {code} steht, dass {n2} von {person2} {v} wurde.',
    'Für {place2} gilt eine Frist von {num} {time}, danach muss {n} {v} sein.',
    'Bei {name} ist {n} seit dem {date} nicht mehr lieferbar.',
    'Wer bemerkt, dass {n} fehlt, meldet das noch am selben Tag bei {person2}.',
    'Die Kosten dafür werden bis zum {date} unter {code} gebucht.',
    'Der {product} ersetzt ein älteres Modell, weil {n} dort nach {num} {time} versagt hat.',
  ],
}

/** Several organisations have every name; each has its own frequent ones. */
const name = (kind: 'product' | 'place' | 'surname', { names }: Subject, random: Random) =>
  coinedName(kind, (names + random.rank(COINED)) % COINED)

type Slot = (subject: Subject, random: Random) => string
const noun: Slot = ({ nouns }, random) => nouns[random.rank(nouns.length)] ?? ''
const number: Slot = (_, random) => String(random.rank(900) + 2)
const someone: Slot = (subject, random) => `${firstName(random.integer(30))} ${name('surname', subject, random)}`

const SLOTS: Readonly<Record<string, Slot>> = {
  n: noun,
  n2: noun,
  a: (_, random) => ADJECTIVES[random.rank(ADJECTIVES.length)] ?? '',
  v: ({ language }, random) => {
    const verbs = language === 'english' ? VERBS : GERMAN_VERBS
    return verbs[random.rank(verbs.length)] ?? ''
  },
  product: (subject, random) => (random.next() < 0.7 ? subject.product : name('product', subject, random)),
  place: (subject, random) => (random.next() < 0.6 ? subject.place : name('place', subject, random)),
  place2: (subject, random) => name('place', subject, random),
  person: (subject, random) => (random.next() < 0.6 ? subject.person : someone(subject, random)),
  person2: someone,
  name: (subject, random) => name('product', subject, random),
  num: number,
  num2: number,
  unit: ({ language }, random) => random.pick(language === 'english' ? UNITS : GERMAN_UNITS),
  time: ({ language }, random) => random.pick(language === 'english' ? TIMES : GERMAN_TIMES),
  code: (_, random) => `${random.pick(['KX', 'RM', 'PV', 'AT', 'LD'])}-${random.between(100, 9_999)}`,
  date: ({ language }, random) => {
    const day = random.between(1, 28)
    const year = random.between(2019, 2026)
    return language === 'english'
      ? `${day} ${random.pick(MONTHS)} ${year}`
      : `${day}. ${random.pick(GERMAN_MONTHS)} ${year}`
  },
}

/** One sentence about the subject. */
export function sentence(subject: Subject, random: Random): string {
  const filled = random
    .pick(SENTENCES[subject.language])
    .replaceAll(/\{(\w+)\}/gu, (_, slot: string) => SLOTS[slot]?.(subject, random) ?? '')
    .replaceAll(/([^aeiou])ys\b/gu, '$1ies')
    .replaceAll(/eed\b/gu, 'ed')
  return `${filled.charAt(0).toUpperCase()}${filled.slice(1)}`
}
