import { isUnspaced } from './words.ts'

/** What a word is for in a question. */
export type Role = 'asks' | 'frame' | 'content'

const words = (list: string) => new Set(list.split(/\s+/))

/** What asks, and what a language cannot do without: in no answer, or in all. English, German, French. */
const ASKING = words(
  `who whom whose what which when where why how do does did is are was were be been being has have had the a an of to in on at by for
   from with until if there i we you they it he she me my our your one's
   wer wem wen wessen was welche welcher welches welchen welchem wann wo wohin woher warum weshalb wieso wie wieviel wieviele worüber wodurch
   womit wofür woran worin bei beim von vom zu zum zur im in an am auf aus mit nach für über bis der die das den dem des ein eine einen einem einer
   ist sind war waren wird wurde wurden werden worden hat haben hatte hatten sein sich es er sie ich man wir und oder als dass ob
   qui que qu quoi quel quelle quels quelles quand où pourquoi comment combien est sont était étaient a ont avait le la les l un une des du de d
   au aux en dans sur par pour avec il elle on se ce cette ces est-ce y t et ou`,
)

/** Words that introduce, that measure or that name a role, and that a document's answer need not repeat. */
const FRAME = words(
  `give gives given gave show shows tell say says said state stated mention mentioned describe explain use used uses mean means get need needs want find
   found call called name named named many much long often old far tall big large high deep wide fast kind type sort form exactly currently actually
   please according document documents file files report page text value amount number total percent percentage share year date day days time
   person people set sets listed list happen happened become became located consist consists term word thing things
   must may might can could should would take takes taking took last lasts lasting approximately about
   viel viele lange oft alt weit groß hoch tief breit schnell art name namen heißt heißen genannt gibt gab geben laut genau etwa ungefähr jahr datum tag tage zeit zahl
   anzahl person menschen darf dürfen muss müssen soll sollen kann können dauert dauern konnte befindet befand befinden bezeichnet verwendet liegt höhe betrag wert wohl sowie
   nombre montant année date jour jours temps peut peuvent doit doivent faut fait font nom type sorte appelle s'appelle dure durent trouve permet`,
)

/** Chinese and Japanese: what asks, and particles. */
const UNSPACED_ASKING =
  /^(?:哪[一]?[年天月日个位种些里]?|什么(?:时候|时间|地方|样)?|何[时年处人]|多(?:少|久|长|高|大|远|重)|几[点个年天次]?|谁|怎么|怎样|如何|为什么|为何|请问|的|了|是|在|和|有|吗|呢|么|个|里|中|上|下|与|或|及|被|把|从|到|用|由|对|于|以|其|这|那|要|会|能|可以|它|他|她|哪|什么|之|并|而|后|时|次|名|何|いつ|どこ|だれ|誰|どの|どれ|なに|なぜ|いくつ|いくら|どう|何[時人日年本回個枚]|[\p{Script=Hiragana}ー]{1,3})$/u
const UNSPACED_FRAME = /^(?:可|将|称为|名字|叫|多|时间|时候|数量|使用|进行|位于|成为|哪些|主要|一个|.)$/u

export function roleOf(word: string): Role {
  if (isUnspaced(word)) return UNSPACED_ASKING.test(word) ? 'asks' : UNSPACED_FRAME.test(word) ? 'frame' : 'content'
  // l'expédition, qu'est
  const bare = word.replace(/^(?:[ldnsmtcj]|qu)['’]/u, '')
  if (ASKING.has(bare)) return 'asks'
  return FRAME.has(bare) ? 'frame' : 'content'
}

const SEGMENTERS = {
  zh: new Intl.Segmenter('zh', { granularity: 'word' }),
  ja: new Intl.Segmenter('ja', { granularity: 'word' }),
}

/**
 * The words of the parts of a text that are written without spaces. The segmenter takes names from other languages to
 * pieces: characters in a row are one word again.
 */
export function unspacedWords(text: string): string[] {
  const segmenter = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text) ? SEGMENTERS.ja : SEGMENTERS.zh
  const words: string[] = []
  let run = ''
  for (const { segment } of [...segmenter.segment(text), { segment: ' ' }]) {
    const single = isUnspaced(segment) && Array.from(segment).length === 1 && roleOf(segment) !== 'asks'
    if (single) run += segment
    else {
      if (run !== '') words.push(run)
      run = ''
      if (isUnspaced(segment)) words.push(segment)
    }
  }
  return words
}

/** German writes every noun with a capital, so that a capital makes no name. */
export const isGerman = (text: string): boolean =>
  /\b(?:wer|wem|wen|wessen|wann|warum|weshalb|wie|welche[rsnm]?|worüber|der|die|das|dem|den|ist|sind|wird|wurden?|hat|haben|nicht|für|und|zur|zum|von|vom|im|nach|mit|eine[nrms]?)\b/iu.test(
    text,
  ) && !/\b(?:the|of|what|how|when|which|does|did)\b/iu.test(text)

/** A verb is said in other words more often than a noun: after did, does or can, or by its ending. English. */
export function verbsIn(text: string): ReadonlySet<string> {
  const verbs = new Set<string>()
  const clause = /\b(?:do|does|did|can|could|will|would|should|must|may)\s+([^?,;]+)/iu.exec(text)?.[1]
  const group = clause?.split(
    /\s+(?:of|to|in|on|at|by|for|from|with|as|into|after|before|during|between|about|without|when)\s+/iu,
  )[0]
  const last = group?.trim().split(/\s+/u)
  if (last !== undefined && last.length > 1) verbs.add((last.at(-1) ?? '').toLowerCase())
  for (const [word] of text.matchAll(/\p{Ll}{2,}(?:ed|ing)\b/gu)) verbs.add(word)
  return verbs
}

const ENGLISH = /\b(?:who|whom|whose|what|which|when|where|why|how|does|did|is|are|the|of|can|until|by)\b/iu
export const isEnglish = (text: string): boolean => ENGLISH.test(text) && !isGerman(text)

const FOCUS_AFTER =
  /\b(?:how many|how much|which|what|wie viele?|welche[rsnm]?|combien d(?:e |['’])|quel(?:le)?s?)\s*([\p{L}\p{N}][\p{L}\p{M}\p{N}_./-]*)/giu
const FOCUS_BEFORE = /([\p{L}\p{N}_./-]+?)\s*(?:是|为|在|有)?(?:多少|什么|谁|哪|几)/gu

/** Whether the question asks for a thing by this word: which port, how many lamps, 票价是多少. */
export function isFocus(text: string, word: string): boolean {
  const lower = text.toLowerCase()
  return (
    [...lower.matchAll(FOCUS_AFTER)].some(([, asked]) => asked === word) ||
    [...lower.matchAll(FOCUS_BEFORE)].some(([, asked]) => asked?.endsWith(word) ?? false)
  )
}
