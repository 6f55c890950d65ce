import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeText } from '../decode.ts'
import { ParseFailure } from '../parsed-page.ts'

/** Node has no encoders for these: the table is turned around. */
function encode(label: string, text: string): Uint8Array {
  const decoder = new TextDecoder(label)
  const table = new Map<string, number[]>()
  for (let a = 0; a < 256; a++) {
    const single = decoder.decode(Uint8Array.of(a))
    if (single.length === 1 && single !== '\uFFFD') {
      table.set(single, [a])
      continue
    }
    for (let b = 0x40; b < 256; b++) {
      const double = decoder.decode(Uint8Array.of(a, b))
      if ([...double].length === 1 && double !== '\uFFFD' && !table.has(double)) table.set(double, [a, b])
    }
  }
  return Uint8Array.from(
    [...text].flatMap((character) => {
      const bytes = table.get(character)
      if (bytes === undefined) throw new Error(`${label} has no ${character}`)
      return bytes
    }),
  )
}

const utf16 = (text: string, big: boolean) => {
  const bytes = Buffer.from(text, 'utf16le')
  return big ? bytes.swap16() : bytes
}
const utf32 = (text: string, little: boolean) => {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0)
  const view = new DataView(new ArrayBuffer(points.length * 4))
  for (const [i, point] of points.entries()) view.setUint32(i * 4, point, little)
  return new Uint8Array(view.buffer)
}

describe('decodeText', () => {
  test.each([
    ['UTF-8', Buffer.from('Grüße\r\naus\rKöln')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFGrüße\naus\nKöln')],
    ['UTF-16LE with a mark', utf16('\uFEFFGrüße\naus\nKöln', false)],
    ['UTF-16BE with a mark', utf16('\uFEFFGrüße\naus\nKöln', true)],
    ['UTF-32LE with a mark', utf32('\uFEFFGrüße\naus\nKöln', true)],
    ['UTF-32BE with a mark', utf32('\uFEFFGrüße\naus\nKöln', false)],
  ])('is sure of %s', (_name, bytes) => {
    expect(decodeText(bytes)).toEqual({ text: 'Grüße\naus\nKöln', guessed: false })
  })

  test.each([
    ['windows-1252', 'Grüße aus Köln'],
    ['windows-1252', 'café'],
    ['windows-1252', 'El niño comió más paella en la montaña. ¿Qué tal? “Muy bien” – 30 €'],
    ['windows-1252', 'Ærø får æbler på øen'],
    ['windows-1250', 'Příliš žluťoučký kůň úpěl ďábelské ódy, zažil jsem to včera večer s přáteli.'],
    ['windows-1250', 'Zażółć gęślą jaźń, a potem poszedł do sklepu po chleb i masło, żeby zjeść śniadanie.'],
    ['windows-1251', 'Привет, мир'],
    ['windows-1251', 'Имя;Возраст;Город\nИван;30;Москва\nМария;25;Казань'],
    ['koi8-r', 'Сегодня хорошая погода, и мы идём гулять в парк вместе с друзьями'],
    ['windows-1253', 'Καλημέρα κόσμε, σήμερα ο καιρός είναι καλός'],
    ['windows-1254', 'Bugün hava çok güzel, İstanbul’da güneşli ve ılık bir gün geçiriyoruz'],
    ['windows-1255', 'שלום עולם, היום יום יפה מאוד'],
    ['windows-1256', 'مرحبا بالعالم، اليوم جميل جدا والطقس معتدل'],
    ['windows-874', 'สวัสดีชาวโลก วันนี้อากาศดี'],
    ['shift_jis', '名前,年齢,住所\n佐藤太郎,30,東京'],
    ['shift_jis', '今日はとても良い天気です。公園へ行きましょう。'],
    ['euc-jp', '今日はとても良い天気です。公園へ行きましょう。'],
    ['gb18030', '今天天气很好，我们一起去公园吧。'],
    ['gb18030', '姓名,年龄,城市\n张伟,30,北京\n李娜,25,上海'],
    ['big5', '今天天氣很好，我們一起去公園吧。'],
    ['euc-kr', '오늘은 날씨가 아주 좋습니다. 공원에 갑시다.'],
    ['iso-2022-jp', null],
  ])('reads %s: %s', (label, text) => {
    if (text === null) {
      const bytes = Buffer.from('\u001B$B:#F|\u001B(B ok', 'latin1')
      expect(decodeText(bytes)).toEqual({ text: '今日 ok', guessed: false })
      return
    }
    expect(decodeText(encode(label, text))).toEqual({ text, guessed: true })
  })

  test('reads UTF-16 with a lone surrogate, and says that a character may be wrong', () => {
    expect(decodeText(utf16('\uFEFFone \uD800 broken', false))).toEqual({ text: 'one \uFFFD broken', guessed: true })
  })

  test.each([true, false])('reads UTF-16 without a mark (big end first: %s)', (big) => {
    for (const text of ['Grüße aus Köln', '今日は\n良い天気\n', 'Привет, мир'])
      expect(decodeText(utf16(text, big))).toEqual({ text, guessed: true })
  })

  test('believes what a file declares, unless it cannot be', () => {
    expect(decodeText(encode('windows-1250', 'ř'), 'windows-1250')).toEqual({ text: 'ř', guessed: false })
    expect(decodeText(Buffer.from('Grüße'), 'latin1')).toEqual({ text: 'Grüße', guessed: false })
    expect(decodeText(encode('windows-1252', 'Grüße aus Köln'), 'utf-8').text).toBe('Grüße aus Köln')
    expect(decodeText(encode('windows-1252', 'Grüße aus Köln'), 'no such').guessed).toBe(true)
  })

  test('takes UTF-8 with a broken character for UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('Grüße aus Köln, schöne Tage '),
      Buffer.of(0xfc),
      Buffer.from(' und mehr äöü'),
    ])
    expect(decodeText(bytes)).toEqual({ text: 'Grüße aus Köln, schöne Tage \uFFFD und mehr äöü', guessed: true })
  })

  test.each([
    ['not_text', Buffer.from('a\0b')],
    ['empty', Buffer.from('')],
    ['empty', Buffer.from(' \n\t ')],
  ])('fails as %s', (code, bytes) => {
    expect(() => decodeText(bytes)).toThrow(expect.objectContaining({ name: 'ParseFailure', code }))
  })

  test('gives text of any bytes, or a reason', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.option(fc.constantFrom('utf-8', 'big5', 'x')),
        (bytes, declared) => {
          try {
            const { text } = decodeText(bytes, declared ?? undefined)
            expect(text.isWellFormed()).toBe(true)
            expect(text).not.toContain('\0')
          } catch (error) {
            expect(error).toBeInstanceOf(ParseFailure)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
