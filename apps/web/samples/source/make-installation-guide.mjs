// Makes skylark-200-installation-guide.pdf. Run it after a change: node apps/web/samples/source/make-installation-guide.mjs
import { writeFile } from 'node:fs/promises'
import { PDFDocument, StandardFonts, rgb } from 'pdf-lib'

/** A4 in points. */
const PAGE = { width: 595, height: 842 }
const MARGIN = 64
const TEXT_WIDTH = PAGE.width - 2 * MARGIN
/** The same file from the same script: no time of day in it. */
const DATE = new Date('2026-05-18T00:00:00Z')

const pdf = await PDFDocument.create()
pdf.setTitle('Skylark 200 installation guide')
pdf.setAuthor('Fernhollow Instruments (fictional)')
pdf.setCreationDate(DATE)
pdf.setModificationDate(DATE)
const regular = await pdf.embedFont(StandardFonts.Helvetica)
const bold = await pdf.embedFont(StandardFonts.HelveticaBold)
const ink = rgb(0.12, 0.14, 0.17)

let page
let y = 0

const newPage = () => {
  page = pdf.addPage([PAGE.width, PAGE.height])
  y = PAGE.height - MARGIN
  const footer = `FH-INST-200, revision C · page ${pdf.getPageCount()}`
  page.drawText(footer, { x: MARGIN, y: 36, size: 8, font: regular, color: rgb(0.45, 0.47, 0.5) })
}

const linesOf = (text, font, size, width) => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`
    if (font.widthOfTextAtSize(longer, size) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

const write = (text, { font = regular, size = 11, leading = 16, indent = 0, after = 8 } = {}) => {
  for (const line of linesOf(text, font, size, TEXT_WIDTH - indent)) {
    page.drawText(line, { x: MARGIN + indent, y: y - size, size, font, color: ink })
    y -= leading
  }
  y -= after
}
const title = (text) => write(text, { font: bold, size: 24, leading: 30, after: 10 })
const heading = (text) => {
  y -= 8
  write(text, { font: bold, size: 14, leading: 20, after: 4 })
}
const step = (number, text) => {
  page.drawText(`${number}.`, { x: MARGIN, y: y - 11, size: 11, font: bold, color: ink })
  write(text, { indent: 22, after: 5 })
}
const table = (rows, columns) => {
  for (const [index, row] of rows.entries()) {
    const font = index === 0 ? bold : regular
    for (const [column, cell] of row.entries()) {
      page.drawText(cell, { x: MARGIN + columns[column], y: y - 10, size: 10, font, color: ink })
    }
    y -= 18
    page.drawLine({
      start: { x: MARGIN, y: y + 2 },
      end: { x: PAGE.width - MARGIN, y: y + 2 },
      thickness: index === 0 ? 1 : 0.4,
      color: rgb(0.7, 0.72, 0.75),
    })
  }
  y -= 10
}

newPage()
title('Skylark 200 installation guide')
write('For fitters with training course F1. Read all three pages before you climb. Fernhollow Instruments, May 2026.')
heading('Choosing the place')
write(
  'The station measures the weather of its surroundings only when nothing shelters it. The smallest distance between the mast and a ' +
    'building is four times the height of the building. Trees count as buildings. Keep 30 metres away from asphalt, air outlets and water surfaces.',
)
write(
  'The wind sensor belongs ten metres above open ground. On a roof, it belongs at least three metres above the highest edge. Where ten ' +
    'metres are not possible, write the true height into the web console: wind is then corrected, and marked as corrected.',
)
heading('What you need')
table(
  [
    ['part', 'quantity', 'remark'],
    ['mast clamp 200-CLP', '2', 'in the box'],
    ['hexagon key 6 mm', '1', 'in the box'],
    ['torque wrench', '1', '5 to 25 Nm'],
    ['compass or telephone', '1', 'for the north mark'],
    ['earth cable, 16 mm² copper', '1', 'not in the box'],
  ],
  [0, 210, 290],
)
heading('Safety')
write(
  'Nobody works on a mast alone. Work stops at a wind speed of 12 m/s, in rain, and when thunder is heard: wait 30 minutes after the last thunder.',
)

newPage()
title('Mounting')
step(1, 'Put the earth cable on before anything else. The resistance to earth must be below 10 ohms.')
step(2, 'Slide both clamps onto the mast, 180 millimetres apart, and tighten their screws to 18 Nm.')
step(3, 'Hang the station into the upper clamp until it clicks. Lock the lower clamp with the hexagon key.')
step(4, 'Turn the station until the north mark points to true north. The allowed error is two degrees.')
step(5, 'Check the level at the rain funnel: the bubble must stay within the inner ring.')
step(
  6,
  'Take the transport lock, an orange strip, out of the rain gauge. Stations that report no rain nearly always still have it.',
)
heading('Cables')
write(
  'The local port is the left one of the two sockets, the power socket is the right one. Cables leave downwards in a loop, so that water ' +
    'drips off. The longest cable for the local port is 120 metres.',
)
heading('Solar panel')
write(
  'Point the panel to the south on the northern half of the earth. Tilt it by the degree of latitude plus 15. At 51 degrees north that is 66 degrees.',
)

newPage()
title('Putting it into service')
step(
  1,
  'Press the button under the cover for three seconds. The light turns blue and searches for a network for up to four minutes.',
)
step(2, 'Scan the code inside the cover with the web console and enter the height of the wind sensor.')
step(3, 'Wait for the light to turn green. The first reading arrives within ten minutes.')
heading('What the light says')
table(
  [
    ['light', 'meaning', 'what to do'],
    ['green, once a minute', 'all is well', 'nothing'],
    ['blue, blinking', 'searching for a network', 'wait four minutes'],
    ['yellow, twice', 'battery below 15 %', 'clean the panel, check its angle'],
    ['red, three times', 'a sensor is missing', 'open a ticket with the serial number'],
    ['no light', 'deep sleep, battery empty', 'connect external power for one hour'],
  ],
  [0, 150, 300],
)
heading('Handing over')
write(
  'Photograph the station from all four sides and from below. The photographs and the signed form FH-HND-7 go to the customer on the day of ' +
    'the installation. The five years of warranty begin with the signature.',
)

await writeFile(new URL('../skylark-200-installation-guide.pdf', import.meta.url), await pdf.save())
