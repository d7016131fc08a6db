/**
 * How columns are called in the wild. A name is compared in its plain form ("Eval/C4 Loss [nats]" →
 * "evalc4loss"), so that spelling, paths and units in brackets do not matter.
 */
import { readTail } from './read-number';
import type { ParamsConvention, Role } from './types';

export interface NameMeaning {
  role: Role;
  /** 100 = the name can mean nothing else; under 30 = only worth a question. */
  strength: number;
  /** Unit that the name itself gives; '' = the base unit of the quantity. */
  unit: string;
  convention: ParamsConvention;
  /** Cells are in so many, as in "tokens (B)". */
  scale: number;
}

/** Lower case, letters and digits only, without what stands in brackets. */
export function plainName(header: string): string {
  return header
    .normalize('NFKC')
    .replace(/[[({][^\])}]*[\])}]/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

type Naming = [
  role: Role,
  strength: number,
  pattern: RegExp,
  more?: { unit?: string; convention?: ParamsConvention },
];

const val = '(?:c4)?(?:val|valid|validation|eval|evaluation|test|dev|heldout)';
const params = '(?:params?|parameters?)';
const withoutEmbedding = '(?:no|non|excl|excluding|without|wo)emb(?:ed(?:ding)?s?)?';

/** The first that matches counts. */
const namings: Naming[] = [
  // Near to a quantity, but not it.
  ['ignore', 90, /^(?:mfu|hfu)$|flops?(?:utili[sz]ation|increase|peak)|peakflops/],
  [
    'ignore',
    90,
    /(?:flops?|tokens?|params?|loss)(?:per|to)(?!day)|tokens(?:s|sec)$|^throughput(?!.*total)/,
  ],
  [
    'ignore',
    90,
    /(?:unique|batch|vocab|seq|context|^max|^min)\w*tokens?|tokens?(?:rate|multiplier|ratio|batch|step)/,
  ],
  [
    'ignore',
    90,
    /^(?:u|epochs?|totalepochs?|learningrate|lr|peaklr|gradnorm|runtime|walltime|created|relativetime\w*)$/,
  ],
  [
    'ignore',
    90,
    /loss\w*(?:std|stderr|scale|weight|diff|delta|spike|ratio|min|max)$|^log\w*loss|(?:aux|router|balanc|predicted|pred|fitted)\w*loss|^z?loss(?:pred|fit)|^zloss$/,
  ],
  ['group', 60, /^iso(?:flops?|budget)|^isoflopbudget$/],

  [
    'params',
    90,
    new RegExp(
      `^(?:estimated)?(?:n|${params}|num${params}|n${params})?${withoutEmbedding}(?:${params}|n)?$|^nne$`,
    ),
    { convention: 'non_embedding' },
  ],
  [
    'params',
    85,
    new RegExp(
      `^(?:na|n?activ(?:e|ated)(?:n|${params})?|(?:n|${params})activ(?:e|ated)|active${withoutEmbedding}${params})$`,
    ),
    { convention: 'active' },
  ],
  [
    'params',
    100,
    new RegExp(
      `^(?:n|${params}|(?:n|num|number(?:of)?|count)${params}|parametercount|paramcount|modelsize)$`,
    ),
  ],
  [
    'params',
    90,
    new RegExp(
      `^(?:ntotal|total(?:n|${params}|parametercount)|${params}total|(?:model|num|actual)?(?:total|model|trainable)${params}|modelsizen${params}|(?:dense|model)parametercount|n(?:star|opt))$`,
    ),
  ],
  ['params', 70, new RegExp(`^(?:planned${params}|${params}planned|size|modelsize\\w*)$`)],
  [
    'params',
    50,
    new RegExp(`^(?!h(?:yper)?param)\\w*${params}(?:in)?(?:millions?|billions?|mn|bn|m|b|k)?$`),
  ],

  [
    'tokens',
    100,
    /^(?:d|tokens?|(?:n|num|train|training|total|numtrain|totaltrain|d|dataset|data)tokens?|tokensseen|numinputtokensseen)$/,
  ],
  [
    'tokens',
    90,
    /totaltokens$|^(?:d(?:star|opt)|(?:seen|trained|consumed|processed)\w*tokens?|datasetsize\w*|datasize)$/,
  ],
  ['tokens', 70, /^tokens?planned$|^plannedtokens?$/],
  [
    'tokens',
    60,
    /tokens?(?:in)?(?:seen|trained|processed|consumed|count|total|thousands?|millions?|billions?|trillions?|mn|bn|tn|m|b|t)?$/,
  ],
  // As often the name of a corpus: only its cells can tell.
  ['tokens', 40, /^data$/],

  ['flops', 90, /pf(?:lops?)?s?days?$/, { unit: 'pf_day' }],
  ['flops', 90, /total(?:training)?gflops?$|^(?:training)?gflops?$/, { unit: 'gflop' }],
  ['flops', 100, /^(?:c|flops?|compute|(?:total|achieved)(?:flops?|flos|compute)|computeflops?)$/],
  ['flops', 95, /^train(?:ing)?(?:flops?|flos|compute)$/],
  ['flops', 90, /^c6nd$|total\w*flops?$/],
  [
    'flops',
    80,
    /^(?:compute)?budget$|^flopbudget$|^computebudget\w*$|^(?:target|planned)flops?$|^flopsplanned$/,
  ],
  ['flops', 70, /^cno(?:n)?emb(?:ed(?:ding)?)?$/],
  ['flops', 60, /gflops?$/, { unit: 'gflop' }],
  ['flops', 60, /(?:[ptez])?flops?$|^compute\w*$|flos$/],

  ['loss', 65, /(?:bpb|bits?perbyte)$/, { unit: 'bits_per_byte' }],
  ['loss', 62, /(?:ppl|perplexity)$/, { unit: 'perplexity' }],
  ['loss', 60, /^(?:\w*(?:loss|ce|nll|entropy)(?:in)?)?bits(?:pertoken)?$/, { unit: 'bits' }],
  [
    'loss',
    100,
    new RegExp(`^(?:final|last|best)?${val}(?:uation)?loss(?:final|last|best)?$|^loss${val}$`),
  ],
  ['loss', 95, /^(?:final|last)loss$|^loss(?:final|last)$|(?:c4eval|eval|val|validation)loss$/],
  ['loss', 90, /^(?:loss|l|testloss\w*)$/],
  ['loss', 75, new RegExp(`^(?:${val}\\w*(?:loss|crossentropy\\w*)|loss\\w*${val}\\w*)$`)],
  ['loss', 40, /^(?:train|training)loss$|traincrossentropyloss$/],
  [
    'loss',
    70,
    /^(?:smooth(?:ed)?loss|loss(?:smooth(?:ed)?)|loss(?:star|opt))$|(?:crossentropy(?:loss)?|^nll(?:loss)?|^ce(?:loss)?|^xent)$/,
  ],
  ['loss', 50, /loss/],
  ['loss', 35, /^value$/],

  ['exits', 100, /^(?:g|(?:n|num)?exits|granularity|(?:n|num)?submodels)$/],
  ['exits', 20, /^(?:n|num)?heads$/],

  ['run', 100, /^(?:run|runname)$/],
  ['run', 90, /^(?:name|exp(?:eriment)?name|displayname)$/],
  ['run', 80, /^(?:runid|trainingrunid|hyperid|id|modelname)$/],

  ['step', 100, /^(?:step|globalstep|trainerglobalstep|iteration|iter)$/],

  ['group', 100, /^(?:optimi[sz]er(?:name)?|group)$/],
  ['group', 90, /^(?:dataset|train(?:ing)?dataset|data(?:set)?name|corpus)$/],
  ['group', 80, /^(?:sweep|condition|label|hparams|experiment|family|recipe|method)$/],
  [
    'group',
    60,
    /^(?:model|arch(?:itecture)?|series|study|variant|type|class|\w+(?:type|class|variant|kind|family))$/,
  ],
  ['group', 40, /^seed$/],

  ['weight', 90, /^(?:weights?|sampleweights?)$/],
];

/** What a header says of its column; null when it says nothing. */
export function meaningOf(header: string): NameMeaning | null {
  if (/flops?\s*(?:\/|per|_per_)\s*s/i.test(header) && !/days?/i.test(header)) return ignored;
  const plain = plainName(header);
  const found = namings.find(([, , pattern]) => pattern.test(plain));
  if (!found) {
    // "Verlust (loss)": the brackets may say what the name does not.
    const inside = /[[({]([^[\](){}]+)[\])}]/.exec(header)?.[1];
    const meaning = inside === undefined ? null : meaningOf(inside);
    return meaning && { ...meaning, strength: Math.min(meaning.strength, 70) };
  }
  const [role, strength, , more = {}] = found;
  const said = roleTakesNumbers(role) ? bracketsOf(header, role) : null;
  if (said === 'other') return ignored;
  return {
    role,
    strength,
    unit: said?.unit || (more.unit ?? ''),
    convention: said?.convention ?? more.convention ?? 'total',
    scale: said?.scale ?? 1,
  };
}

const ignored: NameMeaning = {
  role: 'ignore',
  strength: 90,
  unit: '',
  convention: 'total',
  scale: 1,
};

export function roleTakesNumbers(role: Role): boolean {
  return ['params', 'tokens', 'flops', 'exits', 'loss', 'weight'].includes(role);
}

interface Said {
  unit: string;
  scale: number;
  convention?: ParamsConvention;
}

/** What stands in brackets, or as a word of its own at the end: "(B)", "[nats]", "N (active)", "params_m". */
function bracketsOf(header: string, role: Role): Said | 'other' {
  const said: Said = { unit: '', scale: 1 };
  const brackets = [...header.matchAll(/[[({]([^\])}]*)[\])}]/g)].map((match) => match[1]!);
  const lastWord = /(?:^|[\s_./-])([A-Za-z]+)$/.exec(header.replace(/[[({].*$/, '').trim())?.[1];
  for (const text of lastWord === undefined ? brackets : [...brackets, lastWord]) {
    const inBrackets = brackets.includes(text);
    if (inBrackets && /act/i.test(text)) said.convention = 'active';
    if (inBrackets && /non|no.?emb|excl|w\/o/i.test(text)) said.convention = 'non_embedding';
    const power = /^(?:[x×*]\s*)?(?:10\s*(?:\^|\*\*)\s*(\d+)|1e\+?(\d+))(?=\D|$)/i.exec(
      text.trim(),
    );
    if (power) {
      said.scale = Number(`1e${power[1] ?? power[2]}`);
      continue;
    }
    if (inBrackets && role !== 'loss' && /^[kmgtp]i?b$|bytes|flops?\s*\/\s*s$/i.test(text.trim()))
      return 'other';
    const tail = readTail(text.replace(/^in\s+/i, ''));
    if (!tail) continue;
    const single = tail.suffix.length === 1 && tail.unit === '' && !inBrackets;
    // "params_b", "tokens_m"; but "loss_t" or "N_e" mean something else.
    if (single && !['params', 'tokens'].includes(role)) continue;
    if (tail.suffix !== '') said.scale = Number(`1e${tail.exponent}`);
    if (unitBelongs(tail.unit, role)) said.unit = tail.unit;
    if (role === 'flops' && tail.unit === 'flop' && said.unit === 'flop' && tail.suffix === 'g') {
      said.unit = 'gflop';
      said.scale = 1;
    }
  }
  return said;
}

function unitBelongs(unit: string, role: Role): boolean {
  if (role === 'loss') return ['nats', 'bits', 'bits_per_byte', 'perplexity'].includes(unit);
  return role === 'flops' && ['flop', 'pf_day'].includes(unit);
}
