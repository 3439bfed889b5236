export {};
console.log('gpus: todo');
