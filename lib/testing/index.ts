export { callEnded, type CallEndedPayload } from './call-ended.js';
export { signDelivery, type SignDeliveryOptions, type SignedDelivery } from './sign-delivery.js';
