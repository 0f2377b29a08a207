class A:
  class B:
    def f(self):
      class C:
        def g(self): pass
      return C
if x:
  def h(): pass
elif y: pass
else:
  def h(): pass
