import { describe, expect, it } from 'vitest';
import { meaningOf, plainName } from '../../../web/src/data/column-names';
import type { Role } from '../../../web/src/data/types';

/** Names in the wild, one list per meaning. */
const wild: Partial<Record<Role, string>> = {
  params:
    'N | params | parameters | num_params | n_params | N_params | parameter_count | params_planned | model_size | Model Size | model_size__n_params | size | N_total | N_no_emb | non_embedding_params | estimated_non_embedding_params | Na | active_params | N (total) | Params (M)',
  tokens:
    'D | tokens | n_tokens | train_tokens | training_tokens | num_train_tokens | total_tokens | throughput/total_tokens | dataset_tokens | D_tokens | Training Tokens | num_input_tokens_seen | tokens_planned | dataset_size__n_tokens | tokens (B)',
  flops:
    'C | flops | FLOPs | compute | compute_budget | budget | Training FLOP | training_flops | C_6ND | C_no_emb | achieved_flops | total_flos | throughput/total_gflops | total_gflops | throughput/total_training_Gflops | pf_days | compute_pf_days',
  loss: 'loss | L | val_loss | final_loss | validation_loss | eval_loss | smooth loss | cd_val_loss | min_saved_val_loss | C4 Eval Loss | eval/c4_en-validation/CrossEntropyLoss | eval/paloma/macro_loss | eval/paloma/c4_en/bpb | test_loss__c4 | train/loss',
  exits: 'G | exits | n_exits | num_exits | granularity | num_submodels',
  group:
    'optimizer | dataset | model | experiment | sweep | label | condition | hparams | seed | isoflop_budget',
  run: 'Name | run | run_name | Run ID | exp_name | training_run_id',
  step: 'Step | _step | global_step | trainer/global_step | iteration',
};

describe.each(Object.entries(wild))('%s', (role, names) => {
  it.each(names.split(' | '))('%s', (name) => expect(meaningOf(name)?.role).toBe(role));
});

it.each([
  'unique_tokens',
  'tokens_per_param',
  'tokens/s',
  'batch_size_in_tokens',
  'token_multiplier',
  'FLOP/s',
  'flops_per_step',
  'throughput/gflops_per_second',
  'mfu',
  'peak_flops',
  'loss__MIN',
  'loss_std',
  'log_loss_star_std',
  'aux_loss',
  'z_loss',
  'epoch',
  'lr',
  'tokens (GB)',
  'flop_increase',
])('%s looks like a quantity and is none', (name) => expect(meaningOf(name)?.role).toBe('ignore'));

it.each(['w_bits', 'warmup', 'width', 'D/N', 'err_avg_46', 'notes', ''])(
  '%j says nothing',
  (name) => expect(meaningOf(name)).toBeNull(),
);

it.each([
  ['total_gflops', 'gflop'],
  ['Compute (PF-days)', 'pf_day'],
  ['compute_pf_days', 'pf_day'],
  ['compute (PFLOP/s-days)', 'pf_day'],
  ['eval/paloma/c4_en/bpb', 'bits_per_byte'],
  ['loss (bits/byte)', 'bits_per_byte'],
  ['loss [bits]', 'bits'],
  ['loss_nats', 'nats'],
  ['val_ppl', 'perplexity'],
  ['loss', ''],
])('%s is in %j', (name, unit) => expect(meaningOf(name)?.unit).toBe(unit));

it.each([
  ['N (B)', 1e9],
  ['Params [M]', 1e6],
  ['params_m', 1e6],
  ['tokens_billions', 1e9],
  ['Tokens (in billions)', 1e9],
  ['D (10^9)', 1e9],
  ['D (×10^9)', 1e9],
  ['compute (EFLOP)', 1e18],
  ['PFLOPs', 1e15],
  ['total_gflops', 1],
  ['G', 1],
  ['N', 1],
])('%s counts in %d', (name, scale) => expect(meaningOf(name)?.scale).toBe(scale));

it.each([
  ['N_no_emb', 'non_embedding'],
  ['params (non-embedding)', 'non_embedding'],
  ['active_params', 'active'],
  ['N (active)', 'active'],
  ['N (total)', 'total'],
])('%s counts %s parameters', (name, convention) =>
  expect(meaningOf(name)?.convention).toBe(convention),
);

it('says in brackets what the name does not', () => {
  expect(meaningOf('Verlust (loss)')?.role).toBe('loss');
  expect(meaningOf('Größe (N)')?.role).toBe('params');
});

it('compares names in their plain form', () => {
  expect(plainName('Eval/C4 Loss [nats]')).toBe('evalc4loss');
});
