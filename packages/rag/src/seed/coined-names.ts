/** Names that nobody has: a vocabulary with a long tail, as names, products and places give every real collection. */
const ONSETS = ['br', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'z', 'st', 'tr', 'kl', 'gr']
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'au', 'ei']
const MIDDLES = ['l', 'm', 'n', 'r', 'rn', 'nd', 'lm', 'rk', 'st', 'v', 'd', 'b', 'ss', 'nt']
const KINDS = {
  product: ['ona', 'ix', 'otron', 'ura', 'ivo', 'amax', 'eko', 'idor'],
  place: ['holm', 'bach', 'ford', 'stedt', 'wick', 'hagen', 'mouth', 'field'],
  surname: ['mann', 'sen', 'ley', 'ert', 'ova', 'inger', 'ström', 'acker'],
} as const
export type NameKind = keyof typeof KINDS

const FIRST_NAMES =
  'Ada Bruno Carla Dario Elif Frida Georg Hanna Ivo Jana Karim Lena Milan Nora Oskar Paula Quirin Rosa Samir Tilda Ulf Vera Wim Yara Zeno Aino Bela Cleo Dina Emil'.split(
    ' ',
  )

/** As many different stems as there are ways to put the parts together. */
export const COINED = ONSETS.length * VOWELS.length * MIDDLES.length

/** The name with this number, 0 ≤ i < COINED; neighbours look nothing like each other. */
export function coinedName(kind: NameKind, i: number): string {
  // Prime to COINED, so that every number keeps a stem of its own.
  let rest = (i * 1_201) % COINED
  const onset = ONSETS[rest % ONSETS.length] ?? ''
  rest = Math.floor(rest / ONSETS.length)
  const vowel = VOWELS[rest % VOWELS.length] ?? ''
  const middle = MIDDLES[Math.floor(rest / VOWELS.length)] ?? ''
  const endings = KINDS[kind]
  const stem = `${onset}${vowel}${middle}`
  return `${stem.charAt(0).toUpperCase()}${stem.slice(1)}${endings[i % endings.length] ?? ''}`
}

export const firstName = (i: number): string => FIRST_NAMES[i % FIRST_NAMES.length] ?? 'Ada'
