import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { configurationOf, detectLanguage } from './language.ts'

describe('analyse', () => {
  test('cuts scripts without spaces into characters and bigrams, and leaves the rest to Postgres', () => {
    const { rest, tokens, configuration } = analyse('debhello 的版本 is 4.5', 'chinese')
    expect(tokens).toEqual(['的', '的版', '版', '版本', '本'])
    expect(rest.split(/\s+/)).toEqual(['debhello', 'is', '4.5'])
    expect(configuration).toBe('english')
  })

  test('keeps characters outside the first plane whole', () => {
    expect(analyse('𠮷野', 'japanese').tokens).toEqual(['𠮷', '𠮷野', '野'])
  })

  test('does not carry a bigram over a space or punctuation', () => {
    expect(analyse('東京、大阪', 'japanese').tokens).not.toContain('京大')
  })

  test('reads full-width and half-width forms as ordinary ones', () => {
    expect(analyse('ＡＢＣ１２３', 'simple').rest).toBe('ABC123')
    expect(analyse('ﾃｽﾄ', 'japanese').tokens).toEqual(analyse('テスト', 'japanese').tokens)
  })

  test.each([
    ['debian/control', 'debian control'],
    ['wilcox.test', 'wilcox test'],
    ['SKU-4563', 'SKU 4563'],
    ['-24 units', ' 24 units'],
    ['$4,287.50', '$4287.50'],
    ['0-99', '0 99'],
    ['state-of-the-art', 'state-of-the-art'],
    ['0.9793', '0.9793'],
    ['e.g.', 'e.g.'],
  ])('%s becomes %s, which people type', (text, rest) => {
    expect(analyse(text, 'english').rest).toBe(rest)
  })

  test('replaces what Postgres refuses', () => {
    expect(analyse('a\0b\uD800', 'english').rest).toBe('a b\uFFFD')
  })
})

describe('detectLanguage', () => {
  test.each([
    ['english', 'The harbourmaster abolished the copper toll for herring boats after a petition of ninety fishermen.'],
    [
      'german',
      'Der Hafenmeister schaffte den Kupferzoll für Heringsboote ab, nachdem neunzig Fischer ihn darum gebeten hatten.',
    ],
    [
      'french',
      'Le capitaine du port a supprimé le péage de cuivre pour les bateaux de pêche après une pétition de quatre-vingt-dix pêcheurs.',
    ],
    [
      'danish',
      'Dansk er et nordgermansk sprog, som tales af omkring seks millioner mennesker, hovedsageligt i Danmark.',
    ],
    ['russian', 'Начальник порта отменил медную пошлину для рыбацких лодок после прошения девяноста рыбаков зимой.'],
    ['chinese', '港务长在收到九十名渔民的请愿书后，废除了鲱鱼船的铜税。'],
    ['japanese', '港長は九十人の漁師の請願を受けて、ニシン漁船の銅税を廃止した。'],
    ['korean', '항만장은 어부 아흔 명의 청원을 받아 청어잡이 배의 구리 통행세를 폐지하였다.'],
    ['thai', 'นายท่าเรือยกเลิกค่าผ่านทางทองแดงสำหรับเรือประมงหลังจากชาวประมงเก้าสิบคนร้องเรียน'],
  ])('%s', (language, text) => {
    expect(detectLanguage(text)).toBe(language)
  })

  test('a page of Chinese with English names in it is Chinese', () => {
    expect(
      detectLanguage('在 debhello 软件包中，debian/control 文件的 Standards-Version 字段是维护者需要更新的内容。'),
    ).toBe('chinese')
  })

  test('too little text is not guessed at: English stems plain ASCII, nothing stems the rest', () => {
    expect(detectLanguage('Invoice 4711')).toBe('english')
    expect(detectLanguage('Überweisung')).toBe('simple')
    expect(detectLanguage('1234 5678')).toBe('simple')
  })

  test('a language without a stemmer is not given a wrong one', () => {
    const polish =
      'Kapitan portu zniósł opłatę miedzianą za łodzie śledziowe po petycji dziewięćdziesięciu rybaków zimą tego roku.'
    expect(configurationOf(detectLanguage(polish))).toBe('simple')
  })
})
