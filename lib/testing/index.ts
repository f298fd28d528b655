export { callEnded, type CallEndedOverrides, type CallEndedPayload } from './call-ended.js';
export { deliver, type DeliverOptions, type DeliverReply } from './deliver.js';
export { signDelivery, type SignDeliveryOptions, type SignedDelivery } from './sign-delivery.js';
export {
  idempotencyStoreContract,
  type ContractCase,
  type IdempotencyStoreContractOptions,
} from './idempotency-store-contract.js';
