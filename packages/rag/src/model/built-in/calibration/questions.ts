export interface CalibrationQuestion {
  readonly question: string
  /** Words that the right quotation has; null when the documents do not answer the question. */
  readonly answer: string | null
}

const answerable: readonly (readonly [question: string, answer: string])[] = [
  ['How long does the ferry crossing to Saltmarsh take?', '14 minutes'],
  ['At what wind speed do sailings stop?', '17 metres per second'],
  ['What does a monthly pass for a child cost on the ferry?', '39.00 euros'],
  ['How many passengers can the Heron carry?', 'the Heron carries 96'],
  ['Who is the operations manager of the ferry company?', 'Ingrid Solheim'],
  ['What was the revenue of the bakery in 2023?', '412,600 pounds'],
  ['Who was elected chair of the bakery board?', 'Samuel Okafor'],
  ['When does the loan from the Rowan Trust end?', 'June 2028'],
  ['At what temperature do the moss samples dry?', '35 °C'],
  ['What p-value does the paired t-test of the reference sample give?', 'p-value = 0.0407'],
  ['Which port does the Lantern gateway listen on?', '7443'],
  ['What is max_per_user set to in the minimal gateway configuration?', 'max_per_user = 4'],
  ['What does error LG-203 mean?', 'the certificate has expired'],
  ['How many days of annual leave do full-time employees have?', '27 days'],
  ["From which day of absence is a doctor's note needed?", 'fourth day'],
  ['When are the apple trees pruned?', 'February'],
  ['Who owns the bee hives in the orchard?', 'Tomas Birk'],
  ['成人门票的票价是多少？', '四十元'],
  ['博物馆建于哪一年？', '1987'],
  ['二楼展厅最珍贵的展品是什么？', '云锦长袍'],
]

/** Near misses: the subject is there, the fact is not. */
const unanswerable: readonly string[] = [
  'How much fuel does the ferry use on a crossing?',
  'What does a monthly pass for a pensioner cost on the ferry?',
  'How many passengers can the Kingfisher carry?',
  'Who is the skipper of the Marigold?',
  'What was the revenue of the bakery in 2019?',
  'How much did the bakery spend on advertising?',
  'Who baked the seeded rye?',
  'What interest rate does the Rowan Trust charge for overdrafts?',
  'How many samples fit into freezer C?',
  'Who manufactured the freezer in the cold laboratory?',
  'Which port does the Lantern gateway use for metrics?',
  'What does error LG-450 mean?',
  'How much does a licence for the Lantern gateway cost?',
  'How many days of study leave do employees have?',
  'What is the salary of a line manager at the Briar Valley Trust?',
  'How many plum trees are in the lower orchard?',
  'At what price is the honey sold?',
  '博物馆的咖啡厅几点开门？',
  '云锦长袍的重量是多少？',
  '博物馆有多少名工作人员？',
]

export const CALIBRATION_QUESTIONS: readonly CalibrationQuestion[] = [
  ...answerable.map(([question, answer]) => ({ question, answer })),
  ...unanswerable.map((question) => ({ question, answer: null })),
]
