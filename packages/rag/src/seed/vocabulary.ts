/** What documents are about. The first words of each list are frequent, the last ones rare. */
export interface Domain {
  readonly name: string
  readonly nouns: readonly string[]
}

const domain = (name: string, nouns: string): Domain => ({ name, nouns: nouns.split(' ') })

/** Nouns that take a plain “s” in the plural, so that the sentences can use both. */
export const ENGLISH_DOMAINS: readonly Domain[] = [
  domain('pumps', 'pump valve seal bearing impeller gasket motor filter flange pipe sensor shaft coupling gauge nozzle housing strainer rotor manifold actuator'), // prettier-ignore
  domain('leave', 'employee contract manager holiday allowance absence request balance calendar approval sabbatical overtime shift payslip probation dependant pension allotment'), // prettier-ignore
  domain('invoicing', 'invoice supplier payment order account discount reminder ledger currency credit receipt voucher surcharge remittance accrual creditor debit statement'), // prettier-ignore
  domain('vaccines', 'patient dose trial antibody symptom cohort clinic biopsy placebo vaccine protocol antigen infusion specimen biomarker titre adjuvant physician'), // prettier-ignore
  domain('harbours', 'vessel berth cargo crane container pilot tide anchor channel quay mooring dredger manifest lighter bollard fender buoy stevedore'), // prettier-ignore
  domain('networks', 'server router packet firewall certificate tunnel gateway switch password backup cluster endpoint proxy subnet token replica daemon hypervisor'), // prettier-ignore
  domain('roofing', 'roof beam gutter tile rafter chimney joist insulator scaffold skylight membrane purlin batten soffit dormer parapet downpipe truss-plate'), // prettier-ignore
  domain('dairy', 'cow herd barn pasture milker calf ration silo parlour tank heifer fodder trough veterinarian udder enzyme starter curd'), // prettier-ignore
  domain('insurance', 'claim policyholder premium insurer damage deductible broker adjuster liability endorsement rider hazard underwriter annuity indemnitor subrogation actuary surveyor'), // prettier-ignore
  domain('railways', 'train signal platform carriage locomotive timetable junction conductor sleeper turnout axle bogie siding pantograph interlocking balise semaphore railcar'), // prettier-ignore
  domain('teaching', 'pupil teacher lesson classroom curriculum exam grade textbook workshop assignment tutor seminar scholarship rubric syllabus excursion practicum dormitory'), // prettier-ignore
  domain('solar', 'panel inverter module battery meter array tracker roof-mount string cable optimiser busbar disconnect combiner isolator transformer rectifier pyranometer'), // prettier-ignore
  domain('archives', 'manuscript folio catalogue curator parchment collection register vault ledger map seal binding charter inventory microfilm cartulary colophon ribbon'), // prettier-ignore
  domain('catering', 'menu kitchen guest recipe portion allergen chef buffet banquet oven freezer ingredient supplier tray steamer apron garnish tureen'), // prettier-ignore
  domain('forestry', 'tree seedling logger sawmill trail clearing beetle harvester nursery trunk canopy firebreak sapling skidder coppice mulcher ranger understorey'), // prettier-ignore
  domain('tenancy', 'tenant landlord lease deposit apartment repair inspection notice boiler meter keyholder sublet eviction stairwell janitor rent-roll inventory cellar'), // prettier-ignore
]

export const ADJECTIVES =
  'new annual damaged certified local spare internal external approved defective temporary central seasonal portable confidential redundant calibrated regional obsolete provisional'.split(
    ' ',
  )
export const VERBS =
  'inspect replace record approve report measure clean order store compare repair label reject transfer document calibrate suspend review release dismantle'.split(
    ' ',
  )
export const UNITS = 'litres kilograms metres percent euros units bars degrees'.split(' ')
export const TIMES = 'days hours weeks months'.split(' ')
export const ASPECTS =
  'Overview|Inspection|Responsibilities|Approval|Maintenance|Costs|Known problems|Deadlines|Storage|Training|Suppliers|Records|Exceptions|Emergencies|Measurements|Disposal|Handover|Audit findings|Spare parts|Changes'.split(
    '|',
  )
export const DOCUMENT_KINDS =
  'manual|policy|report|minutes|guideline|checklist|handbook|memo|specification|survey'.split('|')
export const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** With their article in the nominative, in which the sentences use them. */
export const GERMAN_DOMAINS: readonly Domain[] = [
  { name: 'Pumpen', nouns: 'die Pumpe|das Ventil|die Dichtung|das Lager|der Motor|der Filter|der Flansch|die Leitung|der Fühler|die Welle|die Kupplung|das Gehäuse'.split('|') }, // prettier-ignore
  { name: 'Urlaub', nouns: 'der Antrag|die Vertretung|der Vertrag|die Abwesenheit|der Resturlaub|die Genehmigung|der Dienstplan|die Überstunde|die Elternzeit|der Ausgleich'.split('|') }, // prettier-ignore
  { name: 'Rechnungen', nouns: 'die Rechnung|der Lieferant|die Zahlung|die Bestellung|das Konto|der Rabatt|die Mahnung|die Gutschrift|der Beleg|die Währung'.split('|') }, // prettier-ignore
  { name: 'Mietrecht', nouns: 'der Mieter|die Kaution|die Wohnung|die Heizung|der Schlüssel|die Kündigung|der Hausmeister|das Treppenhaus|die Nebenkostenabrechnung|der Zähler'.split('|') }, // prettier-ignore
]
export const GERMAN_VERBS =
  'geprüft ersetzt gemeldet genehmigt gereinigt bestellt gelagert verglichen repariert beschriftet abgelehnt übergeben dokumentiert kalibriert gesperrt'.split(
    ' ',
  )
export const GERMAN_ASPECTS =
  'Überblick|Prüfung|Zuständigkeit|Freigabe|Wartung|Kosten|Bekannte Mängel|Fristen|Lagerung|Schulung|Nachweise|Ausnahmen|Übergabe|Änderungen'.split(
    '|',
  )
export const GERMAN_KINDS = 'Handbuch|Richtlinie|Bericht|Protokoll|Leitfaden|Merkblatt'.split('|')
export const GERMAN_MONTHS = 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember'.split(
  ' ',
)
export const GERMAN_UNITS = 'Liter Kilogramm Meter Prozent Euro Stück Bar Grad'.split(' ')
export const GERMAN_TIMES = 'Tagen Stunden Wochen Monaten'.split(' ')
