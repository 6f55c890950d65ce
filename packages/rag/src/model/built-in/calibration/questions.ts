export interface CalibrationQuestion {
  readonly question: string
  /** Words that the right quotation has; null when the documents do not answer the question. */
  readonly answer: string | null
}

type Answered = readonly [question: string, answer: string]

/** What the thresholds of the built-in model were set on (23 November 2026). */
const answerable: readonly Answered[] = [
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
  ['How long does the battery of the tram display keep the screen on?', '40 minutes'],
  ['Which release fixed the clock being wrong after a tunnel?', 'wrong hour after a tunnel'],
  ['Until when can I file a claim for a faulty display?', '14 days after the fault'],
  ['What is a headway?', 'time between two trams'],
  ['Why was the serial interface removed?', 'no vehicle uses it'],
  ['How do I reset the tram display?', 'two lower buttons'],
  ['What should I do when the display shows E-22?', 'replace the card'],
  ['Can dogs travel on the ferry without a ticket?', 'Dogs need no ticket'],
  ['Where are items that were left on board kept?', 'ticket office'],
  ['Wie hoch ist der Jahresbeitrag im Kleingartenverein?', '84 Euro'],
  ['Warum darf man nicht in der Laube übernachten?', 'keinen Abwasseranschluss'],
  ["Quel est le montant de l'acompte pour réserver ?", 'trente pour cent'],
  ['Qui prépare le dîner au gîte ?', 'Mathilde Roussel'],
  ['旅館には客室がいくつありますか？', '十八室'],
  ['在博物馆展厅里可以使用闪光灯吗？', '禁止使用闪光灯'],
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
  'How long does the battery of the ticket machine last?',
  'Which release added announcements in Breton?',
  'Until when can I apply for a season discount?',
  'What is a layover?',
  'Why was the night line discontinued?',
  'How do I change the password of the tram display?',
  'What should I do when the display shows E-45?',
  'Can bicycles be rented at Northquay?',
  'Where is the museum of the tram company?',
  'Wie hoch ist die Kaution für den Schlüssel der Gartenlaube?',
  'Wer ist der Gründer des Kleingartenvereins?',
  'Combien coûte la location des draps au gîte ?',
  'Qui a construit le gîte des Trois Sources ?',
  '旅館の宿泊料金はいくらですか？',
  '博物馆的语音导览多少钱？',
]

/** A third of all, written together with the others and looked at only to be counted. */
const heldOutAnswerable: readonly Answered[] = [
  ['How many people worked at the bakery at the end of 2023?', '17 people'],
  ['What happens to bread that is not sold?', 'food bank'],
  ['How often are the safety drills on the ferry?', 'first Tuesday'],
  ['How long are the backups of the gateway kept?', '21 days'],
  ['How many characters must a password have?', '14 characters'],
  ['By when must unused leave days be taken?', 'end of March'],
  ['Who answers questions about the leave policy?', 'Priya Raman'],
  ['When was the oldest tree planted?', '1911'],
  ['Are bicycles free on the ferry at noon?', 'Bicycles travel free'],
  ['What does dwell time mean?', 'doors are open'],
  ['Which message says that the display is too hot?', 'overheating'],
  ['Wie viele Parzellen hat der Verein?', '63 Parzellen'],
  ['Bis wann muss man den Austritt mitteilen?', '30. September'],
  ['Combien de lits y a-t-il dans le gîte ?', '22 lits'],
  ['Pourquoi les animaux sont-ils interdits ?', 'ne sont pas admis'],
  ['露天風呂は何時まで利用できますか？', '午後十一時まで'],
  ['博物馆的馆长是谁？', '林若溪'],
]

const heldOutUnanswerable: readonly string[] = [
  'How many ovens does the bakery have in Harrow Street?',
  'What happens to the cider after it is pressed?',
  'How often is the hull of the Heron painted?',
  'How long are the log files of the gateway kept?',
  'Which database does the gateway need?',
  'By when must the mooring fee be paid?',
  'Who trains the new deckhands?',
  'When was the cold laboratory built?',
  'Are wheelchairs available at the ticket office?',
  'What does a dead-man switch do?',
  'Which message says that the antenna is missing?',
  'Wie viele Bienenvölker stehen auf den Parzellen?',
  'Bis wann muss der Rasen gemäht sein?',
  'Combien de douches y a-t-il dans le gîte ?',
  'Pourquoi le sentier du col est-il fermé ?',
  '旅館の電話番号は何番ですか？',
  '博物馆的创始人是谁？',
]

const listed = (answered: readonly Answered[], unanswered: readonly string[]): readonly CalibrationQuestion[] => [
  ...answered.map(([question, answer]) => ({ question, answer })),
  ...unanswered.map((question) => ({ question, answer: null })),
]

export const CALIBRATION_QUESTIONS = listed(answerable, unanswerable)
export const HELD_OUT_QUESTIONS = listed(heldOutAnswerable, heldOutUnanswerable)
