class A(B, c.D, metaclass=M):
    x: int = 1
    @a.b(c, d=[1])
    async def f(self, *, k=2) -> int:
        return await self.g(k)
