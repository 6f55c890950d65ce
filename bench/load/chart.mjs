/** Colours that people with any kind of sight tell apart (Okabe and Ito 2008), in the order in which they are taken. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#f0e442', '#7f7f7f']
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 260, 56, 28, 12]

export const escape = (text) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A round number that is not below `value`. */
const ceiling = (value) => {
  const size = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)))
  return ([1, 2, 5, 10].find((step) => step * size >= value) ?? 10) * size
}

const frame = (title, body, top, unit, names) => {
  const plot = HEIGHT - BOTTOM - TOP
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = TOP + plot * (1 - share)
    return `<line x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}" class="grid"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${escape(Number((top * share).toPrecision(3)))}</text>`
  })
  const key = names
    .map((name, i) => `<span><i style="background:${COLOURS[i % COLOURS.length]}"></i>${escape(name)}</span>`)
    .join('')
  return `<figure><figcaption>${escape(title)} <small>${escape(unit)}</small></figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">${lines.join('')}${body}</svg><div class="key">${key}</div></figure>`
}

const label = (x, text) => `<text x="${x}" y="${HEIGHT - 8}" text-anchor="middle">${escape(text)}</text>`

/**
 * Bars in groups, or on top of each other.
 *
 * @param {{ title: string, unit: string, groups: readonly { name: string, values: Record<string, number | null> }[], stacked?: boolean, mark?: number }} chart
 *   `mark`: a line at the value that was wanted
 */
export const bars = ({ title, unit, groups, stacked = false, mark }) => {
  const names = [...new Set(groups.flatMap(({ values }) => Object.keys(values)))]
  const sizes = groups.map(({ values }) => Object.values(values).map((value) => value ?? 0))
  const highest = sizes.map((all) => (stacked ? all.reduce((sum, one) => sum + one, 0) : Math.max(0, ...all)))
  const top = ceiling(Math.max(...highest, mark ?? 0, 0.001))
  const plot = HEIGHT - BOTTOM - TOP
  const step = (WIDTH - LEFT) / groups.length
  const width = stacked ? step * 0.5 : (step * 0.7) / names.length
  const drawn = groups.map(({ name, values }, g) => {
    let below = 0
    const own = names.map((key, i) => {
      const value = values[key] ?? 0
      const height = (plot * value) / top
      const x = LEFT + step * g + (stacked ? step * 0.25 : step * 0.15 + i * width)
      const y = TOP + plot - height - (stacked ? below : 0)
      below += height
      return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="${COLOURS[i % COLOURS.length]}"><title>${escape(`${name}, ${key}: ${value} ${unit}`)}</title></rect>`
    })
    return own.join('') + label(LEFT + step * (g + 0.5), name)
  })
  const y = TOP + plot * (1 - (mark ?? 0) / top)
  const line =
    mark === undefined
      ? ''
      : `<line x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}" class="mark"><title>wanted: ${mark} ${escape(unit)}</title></line>`
  return frame(title, drawn.join('') + line, top, unit, names)
}

/** @param {readonly string[]} head @param {readonly (readonly unknown[])[]} rows */
export const table = (head, rows) =>
  `<table><thead><tr>${head.map((cell) => `<th>${escape(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escape(cell ?? '–')}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`
