/** Side of the sample, pixels: the smallest that counts as a film. */
export const SAMPLE_SIDE = 32;
/** Bits stored in 16, but for JPEG Baseline, which has 8: the sample without its lowest four. */
export const SAMPLE_BITS = 12;

/** The grey value at a place of the sample, 0 … 3478: a slope with some relief. */
export function sampleValue(x: number, y: number): number {
  return 64 * x + 48 * y + ((x * y) % 7);
}

export interface CodedSample {
  /** Base64 of the one frame, as GDCM (JPEG 2000) and dcmtk (all others) coded it. */
  readonly frame: string;
  /** By how much a value may differ: what a lossy code lost. */
  readonly tolerance: number;
}

/** The sample in every coded transfer syntax, by its UID. */
export const CODED_SAMPLES: ReadonlyMap<string, CodedSample> = new Map([
  [
    '1.2.840.10008.1.2.5',
    {
      tolerance: 0,
      frame: [
        'AgAAAEAAAAB4AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP0A/QH9Av0D/QT9',
        'Bf0G/Qf9AP0B/QL9A/0E/QX9Bv0H/gD9Af0C/QP9BP0F/Qb9BwAIAQAA/QH9Av0D/QT9Bf0G/Qf/CAAA/QH9Av0D/QT9Bf0G/Qf+',
        'CAAA/QH9Av0D/QT9Bf0G/Qf+CP0B/QL9A/0E/QX9Bv0H/Qj+Af0C/QP9BP0F/Qb9B/0IAAkBAQH9Av0D/QT9Bf0G/Qf9CP8JAQEB',
        '/QL9A/0E/QX9Bv0H/Qj/CQAB/QL9A/0E/QX9Bv0H/Qj+Cf0C/QP9BP0F/Qb9B/0I/Qn+Av0D/QT9Bf0G/Qf9CP0JAAr+Av0D/QT9',
        'Bf0G/Qf9CP0JAAoBAgL9A/0E/QX9Bv0H/Qj9Cf8KAAL9A/0E/QX9Bv0H/Qj9Cf4K/QP9BP0F/Qb9B/0I/Qn9Cv0D/QT9Bf0G/Qf9',
        'CP0J/Qr+A/0E/QX9Bv0H/Qj9Cf0KAAsBAwP9BP0F/Qb9B/0I/Qn9Cv8LAAP9BP0F/Qb9B/0I/Qn9Cv4LAAP9BP0F/Qb9B/0I/Qn9',
        'Cv4L/QT9Bf0G/Qf9CP0J/Qr9C/4E/QX9Bv0H/Qj9Cf0K/QsADAEEBP0F/Qb9B/0I/Qn9Cv0L/wwBBAT9Bf0G/Qf9CP0J/Qr9C/8M',
        'AAT9Bf0G/Qf9CP0J/Qr9C/4M/QX9Bv0H/Qj9Cf0K/Qv9DP4F/Qb9B/0I/Qn9Cv0L/QwADf4F/Qb9B/0I/Qn9Cv0L/QwADQEFBf0G',
        '/Qf9CP0J/Qr9C/0M/w0ABf0G/Qf9CP0J/Qr9C/0M/g0fAECAwABAgMAAQIDAAECAwABAgMAAQIDAAECAwABAgMAfMHGy8zR1tvAx',
        'crP0NXaw8TJztPU2cLHyM3S19jBxsvMfYKLkJmGj5SBipOYhY6XgImSm4SNloOIkZqHjJWCi5CYfkNMWUpXRFFCT1hJVkdQQU5bS',
        'FVGU0BNWktURVJDTFlIfwARBhcIGQ4DEAUWCxgNAhMEFQobDAESBxQJGg8AEQYUf8DVzsfY0crD1M3G29DJwtfMxdrTyMHWz8TZ0',
        'svA1c7EfIGal5CNioeAmZaTjImGg5iVko+IhYKblJGOi4SBmpeQfUJDQEFCQ0BBQkNAQUJDQEFCQ0BBQkNAQUJDQEFCQ0BAfgMEC',
        'Q4TFBkCBwgNEhcYAQYLDBEWGwAFCg8QFRoDBAkMfsPI0drHzNXCy9DZxs/UwcrT2MXO18DJ0tvEzdbDyNHYf4CNmouUhZKDjJmKl',
        '4SRgo+YiZaHkIGOm4iVhpOAjZqIfEFSR1RJWk9AUUZXSFlOQ1BFVktYTUJTRFVKW0xBUkdUfQIXDAUaEwgBFg8EGRILABUOBxgRC',
        'gMUDQYbEAkCFwwEfcLb1NHOy8TB2tfQzcrHwNnW08zJxsPY1dLPyMXC29TQfoOAgYKDgIGCg4CBgoOAgYKDgIGCg4CBgoOAgYKDg',
        'IGAf0BFSk9QVVpDRElOU1RZQkdITVJXWEFGS0xRVltARUpMfAEKExgFDhcACRIbBA0WAwgRGgcMFQILEBkGDxQBChMYfMHO28jVx',
        'tPAzdrL1MXSw8zZytfE0cLP2MnWx9DBztvIfYKThJWKm4yBkoeUiZqPgJGGl4iZjoOQhZaLmI2Ck4SUfkNUTUZbUElCV0xFWlNIQ',
        'VZPRFlSS0BVTkdYUUpDVE1EfwAZFhMMCQYDGBUSDwgFAhsUEQ4LBAEaFxANCgcAGRYQf8DBwsPAwcLDwMHCw8DBwsPAwcLDwMHCw',
        '8DBwsPAwcLAfIGGi4yRlpuAhYqPkJWag4SJjpOUmYKHiI2Sl5iBhouMfUJLUFlGT1RBSlNYRU5XQElSW0RNVkNIUVpHTFVCS1BYf',
        'gMMGQoXBBECDxgJFgcQAQ4bCBUGEwANGgsUBRIDDBkIfsPQxdbL2M3C08TVytvMwdLH1Mnaz8DRxtfI2c7D0MXUf4CVjoeYkYqDl',
        'I2Gm5CJgpeMhZqTiIGWj4SZkouAlY6EfEFaV1BNSkdAWVZTTElGQ1hVUk9IRUJbVFFOS0RBWldQfQIDAAECAwABAgMAAQIDAAECA',
        'wABAgMAAQIDAAECAwAAfcLHyM3S19jBxsvM0dbbwMXKz9DV2sPEyc7T1NnCx8jMfoOIkZqHjJWCi5CZho+UgYqTmIWOl4CJkpuEj',
        'ZaDiJGYf0BNWktURVJDTFlKV0RRQk9YSVZHUEFOW0hVRlNATVpI=',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.50',
    {
      tolerance: 0,
      frame: [
        '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoK',
        'CgoKBggLDAsKDAkKCgr/wAALCAAgACABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAACAn/xAAaEAAABwAAAAAAAAAAAAAAAAAABgcj',
        'M0FR/9oACAEBAAA/AIwpsSI2coIBNiRGzlBAJsSI2coIBNiRGzlCb6bEiNnKCATYkRs5QQCbEiNnKCATYkRs5Qm+mxIjZyggE2JE',
        'bOUEAmxIjZyggE2JEbOUJvpsSI2coIBNiRGzlBAJsSI2coIBNiRGzlD/2Q==',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.51',
    {
      tolerance: 2,
      frame: [
        '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQIBAQEBAQIBAQECAgICAgICAgIDAwQDAwMDAwICAwQDAwQE',
        'BAQEAgMFBQQEBQQEBAT/wQALDAAgACABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAADQ4M/8QAMhAAAgADBgIIBQUAAAAAAAAAAQID',
        'ERIFBwoLEyEAQQQGFyIxYYHwFSdRceEjRWKxwf/aAAgBAQAAPwCMT8txwSkBIFwvyjhFzCs39kDsxZYX8diP85z2QAst0wSfRwtw',
        'kMXSQQWey0mLEVjKqDNqqdufsTKABlueCU6OWuBUXRwQC9mswFiqAoVU2L089vewQAMtywSvRzEuDHZHBKolnOR8EVASTBAWdO8t',
        'zKfrz4m//LcMEuB0e4YJdG7EQbNBosBpbrCqqNEtt/xvNADy3TBLpRcKq3RvpV2WrMvV9hDChoJme54+/oAgAZbngmFPYDO6Ngmp',
        'ZrEnq+2jMKlIAonv75koAGW5YJgalwRa6JwAlnsmp1fYqzEwJhf0/p5S8uXE3+Zbjgliej3CBboHIEGzQGaxFQL3YVZG0z+ftJAD',
        'y3TBLzW4Q9j8SgNZRJaxFVqKoMgFlvv78SUAHLc8Eu1VwLNdBEAESzam+BqXLUpR3Jeu/wDUhwgAZbjgl3EW4I9j8QErZ4SmxFdi',
        '84FUxLb6eM/Xfib+8txwSrno9wkroURTBs2RexyxIVYc6Rp7TkfHzlz4QA8t1wSz03CMboEAD2XEoaxy0RhVB7oOn9vSXlwgA5bn',
        'glYoe4Gd0KkiJZq0CyDqkkLIltPlv4c5858b/wDy3HBKxNS4P5QwyTDs9AEsemmWgSzHTlKUvKXlx//Z',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.57',
    {
      tolerance: 0,
      frame: [
        '/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAgACABAREA/8QAFwABAQEBAAAAAAAAAAAAAAAABQYHEP/aAAgBAQAGAADtA0DQNA0D',
        'QNA0DQNA0DQNA0DQNA0DQNA0DQNA0DQNA0DQNA0DQNAsGWmm23FWWmm23FWWmm23FWWmm23FWWmrBlppRhhllppRhhllppRhhllp',
        'pRhhllpqwZaTeUYZZaTeUYZZaTeUYZZaTeUYZZaTsGU3lH1WWU3lH1WWU3lH1WWU3lH1WWU3rBlpN5RhllpN5RhllpN5RhllpN5R',
        'hllpOwZaaUYYZZaaUYYZZaaUYYZZaaUYYZZaasEll12GGUll12GGUll12GGUll12GGUll7BlppttxVlppttxVlppttxVlppttxVl',
        'pqwZaaUYYZZaaUYYZZaaUYYZZaaUYYZZaasGWk3lGGWWk3lGGWWk3lGGWWk3lGGWWk7BlN5R9VllN5R9VllN5R9VllN5R9VllN6w',
        'ZaTeUYZZaTeUYZZaTeUYZZaTeUYZZaTsGWmlGGGWWmlGGGWWmlGGGWWmlGGGWWmrBJZddhhlJZddhhlJZddhhlJZddhhlJZewZaa',
        'bbcVZaabbcVZaabbcVZaabbcVZaasGWmlGGGWWmlGGGWWmlGGGWWmlGGGWWmrBlpN5RhllpN5RhllpN5RhllpN5RhllpOwZTeUfV',
        'ZZTeUfVZZTeUfVZZTeUfVZZTesGWk3lGGWWk3lGGWWk3lGGWWk3lGGWWk7BlppRhhllppRhhllppRhhllppRhhllpqwSWXXYYZSW',
        'XXYYZSWXXYYZSWXXYYZSWXsGWmm23FWWmm23FWWmm23FWWmm23FWWmrBlppRhhllppRhhllppRhhllppRhhllpqwZaTeUYZZaTeU',
        'YZZaTeUYZZaTeUYZZaTsGU3lH1WWU3lH1WWU3lH1WWU3lH1WWU3rBlpN5RhllpN5RhllpN5RhllpN5RhllpOwZaaUYYZZaaUYYZZ',
        'aaUYYZZaaUYYZZaasEll12GGUll12GGUll12GGUll12GGUll7BlppttxVlppttxVlppttxVlppttxVlpqwZaaUYYZZaaUYYZZaaU',
        'YYZZaaUYYZZaasGWk3lGGWWk3lGGWWk3lGGWWk3lGGWWk///2Q==',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.70',
    {
      tolerance: 0,
      frame: [
        '/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAgACABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABwYQ/9oACAEBAAEAAMgICAgICAgI',
        'CAgICAgICAgICAgICAgICAgICAgICAgWCCgoKCgoN0goKCgoKDdIKCgoKCg3SCgoKCgoN0goKDYISEhXaEhXaEhIV2hIV2hISFdo',
        'SFdoSEhXaEhXaEhIVghod4h3iHeIaHeId4h3iGh3iHeId4hod4h3iHeIaHeWCJeol6iXt6iXqJeol7eol6iXqJe3qJeol6iXt6iX',
        'qJYIt9fIt9fXyLfXyLfX18i318i319fIt9fIt9fXyLfX1gjX9/f39/fo1/f39/f36Nf39/f39+jX9/f39/fo1/f2CAgICAgICAgI',
        'CAgICAgICAgICAgICAgICAgICAgICBYIKCgoKCg3SCgoKCgoN0goKCgoKDdIKCgoKCg3SCgoNghISFdoSFdoSEhXaEhXaEhIV2hI',
        'V2hISFdoSFdoSEhWCGh3iHeId4hod4h3iHeIaHeId4h3iGh3iHeId4hod5YIl6iXqJe3qJeol6iXt6iXqJeol7eol6iXqJe3qJeo',
        'lgi318i319fIt9fIt9fXyLfXyLfX18i318i319fIt9fWCNf39/f39+jX9/f39/fo1/f39/f36Nf39/f39+jX9/YICAgICAgICAgI',
        'CAgICAgICAgICAgICAgICAgICAgIFggoKCgoKDdIKCgoKCg3SCgoKCgoN0goKCgoKDdIKCg2CEhIV2hIV2hISFdoSFdoSEhXaEhX',
        'aEhIV2hIV2hISFYIaHeId4h3iGh3iHeId4hod4h3iHeIaHeId4h3iGh3lgiXqJeol7eol6iXqJe3qJeol6iXt6iXqJeol7eol6iW',
        'CLfXyLfX18i318i319fIt9fIt9fXyLfXyLfX18i319YI1/f39/f36Nf39/f39+jX9/f39/fo1/f39/f36Nf39ggICAgICAgICAgI',
        'CAgICAgICAgICAgICAgICAgICAgWCCgoKCgoN0goKCgoKDdIKCgoKCg3SCgoKCgoN0goKDYISEhXaEhXaEhIV2hIV2hISFdoSFdo',
        'SEhXaEhXaEhIVghod4h3iHeIaHeId4h3iGh3iHeId4hod4h3iHeIaHeWCJeol6iXt6iXqJeol7eol6iXqJe3qJeol6iXt6iXqJYI',
        't9fIt9fXyLfXyLfX18i318i319fIt9fIt9fXyLfX1gjX9/f39/fo1/f39/f36Nf39/f39+jX9/f39/fo1/f2CAgICAgICAgICAgI',
        'CAgICAgICAgICAgICAgICAgICBYIKCgoKCg3SCgoKCgoN0goKCgoKDdIKCgoKCg3SCgoNghISFdoSFdoSEhXaEhXaEhIV2hIV2hI',
        'SFdoSFdoSEhWCGh3iHeId4hod4h3iHeIaHeId4h3iGh3iHeId4hod5///9k=',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.80',
    {
      tolerance: 0,
      frame: [
        '/9j/9wALEAAgACABAREA//gADQH//wASAEMBFABA/9oACAEBAAAAAKP8f4/x9nuP8fZ7nm73W53G32212mz8vHw7+7t7Ovq6ejn5',
        'sYIxRimKYrFYqpVKpVKpqamNjY2NjY2NcXFxcXFxcVVVVRmpKam0Wrly9gwYqlaxatXL1ClUrWLFqdQpUqlaMlKpWkWJk6hQpRq1',
        'VVl2EmlFFVl0WU1FVlkqRgjFFaMkWJmlqWowShXqlYKpVJepVYplap1OlyiVKjamRkVq+mDGyMi8yr6bAwsK2xLia6vLywvrKa0t',
        'raquKyausLCLFVXWV1JJNTVVlZRSTUmiqowRSYs1Wa5FJgyVV69WjhglS9UnGEqXKk4wlS5UnGEqXKU6dbGtc8hS2Na56VLY1z0J',
        'UtjXISytRWdtzFZ23MVnbcxWdtzFZWIrPRcxWei7Mjk9mRyezJSLVYqYLGS5Yq1K9WxWq1UpXKmCxUqVC1UvWKlQnVSparULVS0r',
        'VadapWhYqTrFK0LFSZWoWdWpRWnVkpTPZlRKUz2ZolKz2rJMKvaskqVUhXX2qQrr7VIV19qkK62VSPhZGIQwkyMQwkyIxDWZGIaz',
        'Z1mR19mR19mR19mR19mzLEGy+zBsvsxWX2YrL7FeUU6a6jKyjMkuoysoypLqMLJsiSyjCybGkyJsKpLqHNdRJZQ5LqJLKHJZRFZM',
        '4rJpUisVEhuLioobi4sUNy0sSNy0saUwbr7KZXX2UyuvspldfZTLbZEYhhJkYhhJsjENZkYhrNhWZHX2ZHX2ZHX2ZHX2bAsgxL7E',
        'Gy+xBsvswbL7FYSxI4ly0sKOJatDAjaWrQvo2lq0LyN5DVIYo4apDFHHUo2k44lG0nHEpSjhUgbjhUg3KFkG5Qsg3KFdToN19nSu',
        'vs6V19nSuvk69VkZiGEmRiGEmRiENZkYhrNbWZHX2ZHX2ZHX2ZHX2a05BiP2QYl9iDZfYg2X2KkA/9k=',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.81',
    {
      tolerance: 2,
      frame: [
        '/9j/9wALDAAgACABAREA/9oACAEBAAIAAJlldldlldddddVVVVVNNNNNFFFFH/9/qKJKKKKIJJJJIJe973ve5rnOc0hSlO5CM7u7',
        'uzM7u7MzOzqrMzFMzK6qysrKrZIm2yRNtsltNE210SbXRJNdNNKlJSqSlUlLlLVSSFJVUr735fqVV1+v1ffiZJPknMk5JnpPfJfl',
        'fv0spXpfe7V/aU5aXcspnqHT+fLfT556/XM3mrNCv1fFXrcrzMk5JJmST5JdDlX15q8rz7v7rp+n/G5tM9LW27zte30/T/mT8nfX',
        'kr/KKuquq5V9qySE+Sckkvk9nr5f35V7OlcpXpXKd0aU8abSnjS6rp8t9Lyl9DNVM77XK+qi+KrqrKvvskkzknJJL5PVyvl/flXq',
        '7uUr0rlO/P/ZAA==',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.90',
    {
      tolerance: 0,
      frame: [
        '/0//UQApAAAAAAAgAAAAIAAAAAAAAAAAAAAAIAAAACAAAAAAAAAAAAABDwEB/1IADAAAAAEABAQEAAH/XAAQQICIiJCIiJCIiJCI',
        'iJD/ZAAqAAFDcmVhdGVkIGJ5IEdEQ00vT3BlbkpQRUcgdmVyc2lvbiAyLjUuMP+QAAoAAAAAAhMAAf+Tz/wwJAiCHUnubnmNf8A/',
        'YGgD8wWAABEADQIGKf9/CzmNPu8Nf8AfmFwA/ALgAA6MIhoIXXy+rB4xbnEDfoq5tJn6xUQAfwwfMCbQn8APwI4APtJYAAfC+Dah',
        'ma5jo1L4J74uLHQ5O6QfUUJsDspKM6vgya85k/GFhf9/PaYu4lW4wzgB+gHAAEPb5ASRqSQ2AzHc5/69ACY9xlNMTVXtExSqNrqG',
        'V/95PfrnOQrjhAWOX/8tDkGOzJPM2SfNu4jAB9rlAA+pqgAB8OugX5SVSaAA9mRHmVpllRfSn2U+glpbo9rC1RIVZgqlw+sBtuEE',
        'hrmV5xmdj5zHe6YmxHTSVHaNN96qOjNQd37HTLyv9fPNNYdhIwZ3fg1K7PTrAe5MRjS4lwHzpUrpNEyI6qWftRFqfeTCu2R9Ucky',
        'F1l5nawpTsMC8jzuDeI8fqA/69KhHUUSSv3lhqp/8wmWGsNV1csxDWvhF+EWCOfFkK1bRltweSQZCHkWJyLPDMvtd5l/ZJje33sn',
        '+nwCvzUUATXfBUwvt/TSuRlFTBhfUhWZFh179XL2Af1+3xW0rCA454/7q2u+wMAQtOku9pl3Aw3WjimNlQdAbWKWGmhey4cUf8Ig',
        'NKM/LOJcLzCnD5SdCJYREXwSXNE/738V/O4a/SEnvnntUDEmmFONu8kri1SA4qG58JFeXP/Z',
      ].join(''),
    },
  ],
  [
    '1.2.840.10008.1.2.4.91',
    {
      tolerance: 3,
      frame: [
        '/0//UQApAAAAAAAgAAAAIAAAAAAAAAAAAAAAIAAAACAAAAAAAAAAAAABDwEB/1IADAAAAAEABAQEAAH/XAAQQICIiJCIiJCIiJCI',
        'iJD/ZAAqAAFDcmVhdGVkIGJ5IEdEQ00vT3BlbkpQRUcgdmVyc2lvbiAyLjUuMP+QAAoAAAAAAZMAAf+Tz/woJAiCHUnubnmNf8A/',
        'QEgD8gWAABEADQIGKQs5jT7vDX/AH5BcAPvC4AAOGCIaCF18vqweMW5xA36KubSZ+sVEAH8MHzAm0J/AD7yOAD7CWAAHKwA2oZmu',
        'Y6NS+Ce+Lix0OTukH1FCbA7KSjOr4MmvOZPxhYX/fz2mLuJVuMM4AfoBwABD2+QEkakkNgMx3Of+vQAmPcZTTE1V7RMUqja6hlf/',
        'eT365zkK44QFjl//LQ5BwAfUjwAPnfwAA2/AX5SVSaAA9mRHmVpllRfSn2U+glpbo9rC1RIVZgqlw+sBtuEEhrmV5xmdj5zHe6Ym',
        'xHTSVHaNN96qOjNQd37HTLyv9fPNNYedrClOwwLyPO4N4jx+oD/r0qEdRRJK/eWGqn/zCZYaw1XVyzENa+EX4RYI58WQrVtGW3B5',
        'JBkIeRYnIs8My+0VtKwgOOeP+6trvsDAELTpLvaZdwMN1o4pjZUHQG1ilhpoXsuHFH/CIDSjPyziXC8wpw+UnQiWERF8ElzRP+//',
        '2Q==',
      ].join(''),
    },
  ],
]);
