import { measureOf } from './quantities.ts'
import { isNumber, stem } from './words.ts'

/** What kind of thing the question asks for; null when its form does not tell. `limit`: a date or a length of time. */
export type Expectation = 'number' | 'count' | 'date' | 'limit' | 'person' | null

const EXPECTED: readonly (readonly [Exclude<Expectation, null>, RegExp])[] = [
  [
    'limit',
    /\b(?:until|till|by) when\b|\bhow long do (?:I|we|you) have\b|\bdeadline\b|\b(?:latest|last) (?:day|date)\b|\bbis wann\b|\bjusqu.à quand\b|\bavant quelle date\b|截止|最晚|期限|いつまで/iu,
  ],
  [
    'date',
    /^\W*(?:\p{L}+ ){0,2}when (?:is|are|was|were|do|does|did|has|have|had|can|will|should|must)\b|\bwhen\W*$|\b(?:what|which) (?:year|date|day|month|time)\b|\bsince when\b|何时|什么时候|哪一?年|哪天|几点|何年|いつ|何時|\bwann\b|\bin welchem jahr\b|\bquand\b|\ben quelle année\b/iu,
  ],
  [
    'count',
    /\bhow (?:many|much|long|often|old|far|soon)\b|\bcosts?\b|\bprice\b|多少|几[个年天次岁人种米]|何[人本回個枚]|いくつ|いくら|\bwie ?(?:viele?|lange|oft|alt|weit)\b|\bcombien\b|\bwas kostet\b/iu,
  ],
  [
    'number',
    /\bhow (?:far|tall|big|large|high|deep|wide|fast|heavy|late|early)\b|\b(?:what|which) (?:\S+[ -])?(?:value|number|percentage|percent|price|cost|amount|total|temperature|range|size|length|width|height|weight|age|capacity|rate|ratio|fee|salary|budget|port|version|limit|speed|distance|duration|score)\b|\bby how\b|多[长高大重远久]|\bwie (?:hoch|groß|schwer|breit|tief|schnell)\b/iu,
  ],
  [
    'person',
    /^\W*who\b|\bwho (?:is|was|are|were|has|wrote|leads|signs)\b|\bwhose\b|谁|何人|誰|^\W*wer\b|\bwessen\b|^\W*qui (?!est-ce que)/iu,
  ],
]

export const expectationOf = (text: string): Expectation =>
  EXPECTED.find(([, pattern]) => pattern.test(text))?.[0] ?? null

const NUMBER_WORDS =
  /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|once|twice|dozen|half|daily|weekly|monthly|yearly|none|both|several|eine?[nrms]?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|einmal|zweimal|täglich|wöchentlich|monatlich|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|vingt|trente)\b|[一二三四五六七八九十百千万两半]/iu
const FREQUENCY = /\b(?:every|each|always|never|rarely|often|jede[nrsm]?|chaque|tous les|toutes les)\b|每|毎/iu
const ORDINAL = /\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d{1,2}(?:st|nd|rd|th))\b/iu
const DATE =
  /\b(?:1[0-9]|20)\d{2}s?\b|\b\d{1,2}(?:st|nd|rd|th) centur|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|noon|midnight|spring|summer|autumn|winter|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?\b|\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|\b\d{1,2} ?(?:Uhr|h)\b|[\d一二三四五六七八九十]+ ?[年月日号点时曜時]|Jahrhundert|siècle|世纪|世紀/iu
const TIME_SPAN =
  /\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|Tagen?|Wochen?|Monaten?|Stunden?|Jahren?|jours?|semaines?|mois|heures?|ans)\b|[\d一二三四五六七八九十]+ ?(?:个月|[天周日年時]|週間|か月)/iu
/** Clock times, parts of the day, relations: a when-question need not be answered by a calendar. */
const TIME_RELATION =
  /\b(?:after|before|during|while|once|until|since|nach|vor|während|bis|seit|après|avant|pendant)\b|[前后後]/iu

/** Numbers that only count sections or items. */
const NUMBERING = /^\s*(?:\d+(?:\.\d+)*[.)]?|\(\w\))\s+(?=\p{L})/u

/**
 * How well a text has a thing of the kind that is asked for, other than what the question says itself: 0, or 1, or
 * between for a form that is seldom meant.
 */
export function fitOf(kind: Expectation, text: string, asked: readonly string[]): number {
  if (kind === null) return 1
  const said = new Set(asked.map(stem))
  const plain = text.replace(NUMBERING, '')
  if (kind === 'number' || kind === 'count') {
    const measures = asked.flatMap((word) => measureOf(word) ?? [])
    if (measures.some((measure) => !measure.test(plain))) return 0
    return hasNumber(plain, said) || (kind === 'count' && (NUMBER_WORDS.test(plain) || FREQUENCY.test(plain))) ? 1 : 0
  }
  if (kind === 'person') return namesSomebody(plain, said) ? 1 : 0
  const date = DATE.exec(plain)
  if (date !== null && !(isNumber(date[0]) && said.has(stem(date[0])))) return 1
  if (kind === 'limit') return TIME_SPAN.test(plain) && (hasNumber(plain, said) || NUMBER_WORDS.test(plain)) ? 1 : 0
  return ORDINAL.test(plain) ? 1 : TIME_RELATION.test(plain) ? 0.5 : 0
}

function hasNumber(text: string, said: ReadonlySet<string>): boolean {
  const numbers = text.match(/(?<![\p{L}\p{N}_./-])[-+−]?\p{N}[\p{N}.,]*/gu) ?? []
  return numbers.some((number) => !said.has(stem(number.replace(/^[-+−]|[.,]+$/g, ''))))
}

/** A first and last name, a title with a name, or a body of people. */
function namesSomebody(text: string, said: ReadonlySet<string>): boolean {
  if (/[\p{Script=Han}\p{Script=Katakana}]/u.test(text)) return true
  if (
    /\b(?:Dr|Mr|Mrs|Ms|Prof|Sir|Herr|Frau|M|Mme)\b\.? \p{Lu}|\b(?:team|committee|board|group|office|officer|department|council|authority|agency|cooperative|owner|maintainers?|administrators?|manager|director|head|lead|service)\b/u.test(
      text,
    )
  )
    return true
  // In the middle of a sentence one capitalised word that the question does not say is a name, too.
  const names =
    text.match(
      /\p{Lu}[\p{L}\p{M}'’-]+(?: (?:(?:van|von|de|der|la|le|bin|al) )?\p{Lu}[\p{L}\p{M}'’-]+)+|(?<=[\p{Ll},] )(?<!\b(?:the|der|die|das|dem|den|le|la) )\p{Lu}[\p{L}\p{M}'’-]+/gu,
    ) ?? []
  return names.some(
    (name) =>
      !/^(?:The|A|An|In|On|At|For|Of|To|If|When|This|Each|Every|No|All|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December)\b/u.test(
        name,
      ) && name.split(' ').some((part) => !said.has(stem(part))),
  )
}
