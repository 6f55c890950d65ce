import { z } from 'zod'
import { textOf, type ChatRequest, type Reply } from '../../fixtures/llm-double/index.ts'
import { HOSTILE_ANSWER } from './hostile-answer.ts'

/** Questions that the scripted model understands; any other one gets a short answer that cites the first passage. */
export const quoteQuestion = (sentence: string) => `Quote: ${sentence}`
export const longQuestion = (topic: string) => `At length: ${topic}`
export const veryLongQuestion = (topic: string) => `At great length: ${topic}`
export const HOSTILE_QUESTION = 'What does the stranger say?'

/** So many that an answer takes longer than a reload: 6 s at the pace of the model in test.ts. */
export const LONG_ANSWER_WORDS = 400

/** 18 s: several of them run at once until the last of their tabs has asked. */
export const VERY_LONG_ANSWER_WORDS = 1200

/** The words of a long answer, each of which stands in it once. */
export const longAnswerWord = (i: number) => `w${String(i).padStart(3, '0')}`

const toolResult = z.object({ passages: z.array(z.object({ label: z.string(), text: z.string() })) })
type Passage = z.infer<typeof toolResult>['passages'][number]

/** Every passage that the tools have shown for the last question. */
const shownPassages = (request: ChatRequest): Passage[] =>
  request.messages
    .slice(lastQuestionAt(request))
    .filter((message) => message.role === 'tool')
    .flatMap((message) => toolResult.safeParse(JSON.parse(textOf(message))).data?.passages ?? [])

const lastQuestionAt = (request: ChatRequest) => request.messages.findLastIndex((message) => message.role === 'user')

/** Searches once for what the question is about, then says what the question asks for. */
export const scriptedReply = (request: ChatRequest): Reply => {
  const asked = request.messages[lastQuestionAt(request)]
  const question = asked === undefined ? '' : textOf(asked)
  if (question.includes(HOSTILE_QUESTION)) return { text: HOSTILE_ANSWER }
  const [, kind, topic = question] = /(Quote|At length|At great length): ([^]*)/.exec(question) ?? []
  const passages = shownPassages(request)
  const searched = request.messages.slice(lastQuestionAt(request)).some((message) => message.role === 'tool')
  if (!searched) return { tool: 'search_documents', input: { query: topic } }
  if (kind === 'Quote') {
    const passage = passages.find(({ text }) => text.includes(topic))
    return { text: passage === undefined ? 'No passage says that.' : `It says so [${passage.label} "${topic}"].` }
  }
  const mark = passages[0] === undefined ? '' : ` [${passages[0].label}]`
  if (kind === undefined) return { text: `That is so${mark}.` }
  const words = Array.from({ length: kind === 'At length' ? LONG_ANSWER_WORDS : VERY_LONG_ANSWER_WORDS }, (_, i) =>
    longAnswerWord(i),
  )
  // One citation early, so that it is there before a reload, and one at the end.
  return { text: `${words.slice(0, 10).join(' ')}${mark}. ${words.slice(10).join(' ')}${mark}.` }
}
